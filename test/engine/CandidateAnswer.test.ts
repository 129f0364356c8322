import { describe, expect, it } from "vitest"
import { readCandidates } from "../../src/engine/CandidateAnswer.ts"
import { processorMs } from "../support/ProcessorTime.ts"

const one = (quote: string, answer: string) => [{ quote, answer }]

describe("a list of candidates in a model's answer", () => {
  it.each<readonly [name: string, answer: string]>([
    ["alone", "{\"candidates\": [{\"quote\": \"so 12\", \"answer\": \"12\"}]}"],
    ["in a fence", "```json\n{\"candidates\": [{\"quote\": \"so 12\", \"answer\": \"12\"}]}\n```"],
    [
      "with prose around",
      "Sure [as asked]! Here {it} is:\n{\"candidates\": [{\"quote\": \"so 12\", \"answer\": \"12\"}]}\nI hope that \"helps\" :]"
    ],
    ["as a bare list", "[{\"quote\": \"so 12\", \"answer\": \"12\"}]"],
    ["as entries", "{\"quote\": \"so 12\", \"answer\": \"12\"}"],
    ["with a comma after the last", "{\"candidates\": [{\"quote\": \"so 12\", \"answer\": \"12\",},\n ],}"],
    ["with a number", "{\"candidates\": [{\"quote\": \"so 12\", \"answer\": 12}]}"],
    [
      "after thoughts with drafts",
      "<think>Perhaps {\"candidates\": [{\"quote\": \"no\", \"answer\": \"7\"}]}</think>[{\"quote\": \"so 12\", \"answer\": \"12\"}]"
    ],
    ["after a draft", "[{\"quote\": \"no\", \"answer\": \"7\"}] Better: [{\"quote\": \"so 12\", \"answer\": \"12\"}]"]
  ])("is read %s", (_, answer) => {
    expect(readCandidates(answer)).toEqual(one("so 12", "12"))
  })

  it("keeps LaTeX that was written with one backslash, and escapes that are none", () => {
    const answer = "{\"candidates\": [{\"quote\": \"so \\boxed{\\frac{1}{2}} \\(x\\)\", \"answer\": \"\\frac{1}{2}\"}]}"
    expect(readCandidates(answer)).toEqual(one("so \\boxed{\\frac{1}{2}} \\(x\\)", "\\frac{1}{2}"))
    expect(readCandidates("[{\"quote\": \"a\\n\\\"b\\\" \\\\times \\times \\u0041\", \"answer\": \"b\"}]")).toEqual(
      one("a\n\"b\" \\times \\times A", "b")
    )
    expect(readCandidates("[{\"quote\": \"two\nlines\", \"answer\": \"1\"}]")).toEqual(one("two\nlines", "1"))
  })

  it("may be empty, and keeps entries that are none, to be counted", () => {
    expect(readCandidates("{\"candidates\": []}")).toEqual([])
    expect(readCandidates("[{\"quote\": \"so 12\", \"answer\": \"12\"}, {\"answer\": null}, 5]")).toEqual([
      ...one("so 12", "12"),
      ...one("", ""),
      ...one("", "")
    ])
  })

  it.each(["", "I see no JSON here.", "{\"candidates\": [{\"quote\": \"so 1", "{\"answer\"", "{\"candidates\": 3}", "[1, 2]", "<think>[]"])(
    "is not there in %j",
    (answer) => {
      expect(readCandidates(answer)).toBeUndefined()
    }
  )

  it("is looked for in linear time", () => {
    const began = processorMs()
    for (const text of ["[".repeat(1_000_000), "{\"".repeat(500_000), "[\"\\".repeat(300_000), `[${" ".repeat(1_000_000)}`]) {
      readCandidates(text)
    }
    expect(processorMs() - began).toBeLessThan(3000)
  })
})
