import { afterEach, describe, expect, it, vi } from "vitest"
import { existsSync } from "node:fs"
import { nodeBuiltin } from "../../../src/model/device/NodeBuiltins.ts"

describe("modules of Node", () => {
  afterEach(() => vi.unstubAllGlobals())

  it("are the ones that an import gives", () => {
    expect(nodeBuiltin("node:fs", "this test").existsSync).toBe(existsSync)
  })

  it.each([["in a browser", undefined], ["in a Node without getBuiltinModule", {}]])("%s an error says what needs them", (_, process) => {
    vi.stubGlobal("process", process)
    expect(() => nodeBuiltin("node:fs", "reading the kernels")).toThrow(
      "reading the kernels needs Node 22.19 or later: there is no node:fs here"
    )
  })
})
