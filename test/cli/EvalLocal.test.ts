import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runProgram } from "../support/WarmProgram.ts"

const model = fileURLToPath(new URL("../fixtures/pretrained/llama", import.meta.url))
let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "eval-local-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})
const run = (...args: ReadonlyArray<string>) => runProgram([...args])
interface Row {
  readonly id: string
  readonly response: string
  readonly tokens: ReadonlyArray<string>
  readonly logprobs: ReadonlyArray<number>
  readonly truncated: boolean
}
const rowsOf = (file: string) => readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Row)
const asked = ["--max-tokens", "12", "--products", "simd", "--logprobs", "--levels", "1x1", "--count", "5"]

describe("eval of a model by its files", () => {
  it("samples without a server; a row does not depend on what is sampled beside it, and --resume samples what is missing alone", () => {
    const [all, alone] = [join(folder, "all.jsonl"), join(folder, "alone.jsonl")]
    const { status, stderr, stdout } = run("eval", "--model", model, ...asked, "--generations", "4", "--json", "--out", all)
    expect([status, stderr]).toEqual([0, expect.any(String)])
    expect(JSON.parse(stdout)).toMatchObject({ file: all, resumed: 0, model })
    const rows = rowsOf(all)
    expect(rows).toHaveLength(20)
    for (const { logprobs, response, tokens, truncated } of rows) {
      expect(tokens).toHaveLength(logprobs.length)
      expect(logprobs.every((value) => value < 0)).toBe(true)
      // The token that ends the text is none of it.
      expect(truncated ? tokens.join("") : tokens.slice(0, -1).join("")).toBe(response)
      expect(truncated).toBe(tokens.length === 12)
    }
    const byId = new Map(rows.map((row) => [row.id, row]))
    writeFileSync(alone, readFileSync(all, "utf8").split("\n").slice(0, 7).join("\n") + "\n")
    const again = run("eval", "--model", model, ...asked, "--generations", "4", "--concurrency", "1", "--resume", "--json", "--out", alone)
    expect(JSON.parse(again.stdout)).toMatchObject({ resumed: 7 })
    expect(rowsOf(alone)).toHaveLength(20)
    for (const row of rowsOf(alone)) expect(row).toEqual(byId.get(row.id))
  }, 120_000)

  it("evaluates what a run of train left, with the words that it was trained with, and refuses runs of others", () => {
    const [config, out] = [join(folder, "sft.json"), join(folder, "run")]
    writeFileSync(
      config,
      JSON.stringify({
        seed: 1,
        steps: 1,
        checkpointEvery: 1,
        batchSize: 2,
        task: { _tag: "Multiplication", radix: 10, levels: ["1x1"] },
        model: {
          _tag: "Pretrained",
          path: model,
          positions: 128,
          system: "Be brief.",
          trains: { _tag: "Adapter", rank: 2, alpha: 4 },
          markers: ["Zonk:"],
          resample: "\nZonk: again.\n"
        },
        schedule: { peak: 0.1, warmup: 0, decay: "constant", floor: 1, total: 0 },
        attributionEvery: 0,
        demonstrations: { kind: "none", slip: 0 }
      })
    )
    expect(run("train", "sft", "--config", config, "--products", "simd", "--out", out).status).toBe(0)
    const [trained, published] = [join(folder, "trained.jsonl"), join(folder, "published.jsonl")]
    const { status, stderr } = run("eval", "--checkpoint", out, ...asked, "--out", trained)
    expect([status, stderr]).toEqual([0, expect.any(String)])
    run("eval", "--model", model, "--system", "Be brief.", ...asked, "--out", published)
    expect(rowsOf(trained).map(({ response }) => response)).not.toEqual(rowsOf(published).map(({ response }) => response))
    // What takes an answer back is what the run was taught, also where the same answer comes again.
    const revised = rowsOf(trained).map((row) => ({
      ...row,
      response: "The answer is 1.\nZonk: again.\nThe answer is 1.",
      truncated: false,
      ending: "stop"
    }))
    writeFileSync(trained, revised.map((row) => JSON.stringify(row) + "\n").join(""))
    const read = JSON.parse(run("eval", "--checkpoint", out, ...asked, "--resume", "--json", "--out", trained).stdout) as {
      readonly overall: { readonly counts: unknown }
    }
    expect(read.overall.counts).toEqual({ correctStop: 0, correctResample: 0, wrongStop: 5, wrongResample: 5 })
    const missing = run("eval", "--checkpoint", join(folder, "none"), ...asked, "--out", join(folder, "x.jsonl"))
    expect([missing.status, missing.stderr]).toEqual([
      1,
      expect.stringMatching(/none: .*Does the checkpoint exist/s)
    ])
    const chat = join(folder, "chat.jsonl")
    writeFileSync(chat, JSON.stringify({ messages: [{ role: "system", content: "s" }, { role: "user", content: "q" }], answer: "1" }))
    expect(run("eval", "--model", model, "--prompts", chat, "--max-tokens", "4", "--out", join(folder, "y.jsonl")).stderr).toMatch(
      /the prompt is a chat\. Give one message of a user and --system/
    )
  }, 120_000)

  it("evaluates it with an adapter of peft, which a run and a server do not take", () => {
    const adapter = join(model, "golden", "adapter")
    const [plain, adapted] = [join(folder, "plain.jsonl"), join(folder, "adapted.jsonl")]
    expect(run("eval", "--model", model, ...asked, "--out", plain).status).toBe(0)
    expect(run("eval", "--model", model, "--adapter", adapter, ...asked, "--out", adapted).status).toBe(0)
    expect(rowsOf(adapted).map(({ response }) => response)).not.toEqual(rowsOf(plain).map(({ response }) => response))
    for (const other of [["--checkpoint", folder], ["--endpoint", "http://localhost:1/v1", "--model", "m"]]) {
      expect(run("eval", ...other, "--adapter", adapter, ...asked, "--out", join(folder, "z.jsonl")).stderr).toMatch(
        /--adapter is .*expected --model/
      )
    }
  }, 120_000)
})
