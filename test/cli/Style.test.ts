import { describe, expect, it } from "vitest"
import { ownStyles, styled, withCodes } from "../../src/cli/Style.ts"
import { visible } from "../../src/domain/Visible.ts"

const ESCAPE = "\u001b"

describe("styles", () => {
  it("of ours are codes on a terminal and nothing elsewhere", () => {
    const text = `a ${styled(31, "wrong")} b`
    expect(withCodes(text, true, visible)).toBe(`a ${ESCAPE}[31mwrong${ESCAPE}[0m b`)
    expect(withCodes(text, false, visible)).toBe("a wrong b")
    const help = ownStyles(`${ESCAPE}[1mUSAGE${ESCAPE}[0m\n  ${ESCAPE}[38;5;4mx${ESCAPE}[m`)
    expect(withCodes(help, true, visible)).toBe(`${ESCAPE}[1mUSAGE${ESCAPE}[0m\n  ${ESCAPE}[38;5;4mx${ESCAPE}[m`)
    expect(withCodes(help, false, visible)).toBe("USAGE\n  x")
  })

  it.each(["[30;40m", "[8m", "[31m", "[2J", "]52;c;x\u0007"])("of others, %j, are text, within ours too", (code) => {
    const shown = withCodes(`a${ESCAPE}${code}b ${styled(32, `c${ESCAPE}${code}`)}`, true, visible)
    expect(shown.split(ESCAPE).slice(1).map((part) => part.slice(0, 4))).toEqual(["[32m", "[0m"])
    expect(shown).toContain("a\\u001b")
  })

  it("cannot be written by who does not know this process's mark", () => {
    const other = styled(31, "").replaceAll(/[0-9a-f]{8}-/g, "00000000-")
    expect(withCodes(other, true, visible)).toBe(other)
  })
})
