import { describe, expect, it } from "vitest"
import { markedTranscript } from "../../../src/eval/report/MarkedTranscript.ts"

const marked = (response: string): string => markedTranscript({ row: { id: "a", prompt: "2*3", response, answer: "6" }, title: "one" }).text

describe("a transcript in a report", () => {
  it("has the beginning and the end of one that is long, and no more, whatever it is long by", () => {
    const attempt = `${"word ".repeat(200)}The answer is 5. Wait, that is wrong. `
    for (
      const response of [
        `${attempt.repeat(400)}The answer is 6.`,
        `${"The answer is 5. Wait, that is wrong. ".repeat(20_000)}The answer is 6.`
      ]
    ) {
      const text = marked(response)
      expect(text.length).toBeLessThan(150_000)
      expect(text).toMatch(/[\d,]+ attempts are left out here/)
      expect(text).toMatch(/aria-label="wrong, RESAMPLE; .*more attempts\].*right, STOP"/)
      expect(text).toMatch(/STOP on a right answer<\/span><\/div>\n<\/div>\n$/)
    }
  })

  it("has all of one that is short", () => {
    const text = marked("The answer is 5. Wait, that is wrong. The answer is 6.")
    expect(text.match(/<mark/g)).toHaveLength(2)
    expect(text).not.toMatch(/left out/)
  })
})
