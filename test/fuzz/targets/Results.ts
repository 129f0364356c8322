/** What the program's own commands wrote and read again, and files of the theory. */
import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { deflateRawSync, inflateRawSync } from "node:zlib"
import { Effect, Result, Stream } from "effect"
import fc from "fast-check"
import { TWO_STAGE } from "../../../src/domain/Partition.ts"
import { FileError } from "../../../src/domain/Errors.ts"
import { failing } from "../../../src/domain/Throws.ts"
import { evaluateFile } from "../../../src/cli/theory/EvaluateFile.ts"
import { readReportFile } from "../../../src/cli/report/ReportFile.ts"
import { renderFiles } from "../../../src/cli/report/ReportPage.ts"
import { poolSeeds } from "../../../src/cli/seeds/PoolSeeds.ts"
import { readMetrics, readSettings } from "../../../src/cli/view/RunMetrics.ts"
import { readRows } from "../../../src/engine/RolloutFile.ts"
import { startAttribution } from "../../../src/eval/attribute/Accumulate.ts"
import { readAttributionRows } from "../../../src/eval/attribute/AttributionInput.ts"
import { AttributionReport } from "../../../src/eval/attribute/AttributionReport.ts"
import { readAttributionFile } from "../../../src/eval/attribute/ReadAttributionFile.ts"
import { Calibration } from "../../../src/eval/calibration/Calibration.ts"
import { calibrate } from "../../../src/eval/calibration/Calibrate.ts"
import { compare } from "../../../src/eval/calibration/Compare.ts"
import { simulate } from "../../../src/eval/calibration/Simulate.ts"
import { Results } from "../../../src/eval/results/Results.ts"
import { openReaderCache } from "../../../src/eval/transcripts/files/ReaderCache.ts"
import { loadState, SavedState } from "../../../src/eval/transcripts/files/SavedState.ts"
import { calibrateParts } from "../../../src/eval/transcripts/parts/Parts.ts"
import { PartHeader } from "../../../src/eval/transcripts/parts/PartHeader.ts"
import { writePart } from "../../../src/eval/transcripts/parts/PartFile.ts"
import { NO_READING } from "../../../src/eval/transcripts/ReadingTally.ts"
import { defaultMarkers } from "../../../src/tasks/reading/Markers.ts"
import * as Checkpoint from "../../../src/training/Checkpoint.ts"
import { claim, latest, readRun } from "../../../src/training/RunFolder.ts"
import { fromParameters } from "../../../src/training/TrainState.ts"
import { EDGES, harmed, type Input, jsonLines, jsonText, jsonTextOf, ofSchema } from "../Grammar.ts"
import { Refusal, type Target } from "../Target.ts"
import { syntheticResults } from "../../support/SyntheticResults.ts"

const golden = (name: string): ReadonlyArray<unknown> =>
  (JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "golden", `${name}.json`), "utf8")) as ReadonlyArray<unknown>).slice(0, 3)

const withoutExpected = (entry: unknown): unknown => {
  const { expected: _, ...rest } = entry as Readonly<Record<string, unknown>>
  return rest
}

const saved = (input: Input, file: string): string => {
  writeFileSync(file, input)
  return file
}

const simulated = (level: string) =>
  simulate({ level, n: 4, rolloutsPerQuery: 2, pSample: 0.5, pStopGivenCorrect: 0.8, pResampleGivenWrong: 0.4, cap: 4, seed: 1 })
const rollouts = [...simulated("a"), ...simulated("b")]
const calibration = calibrate(rollouts, { rounds: 20 })
const comparison = compare({ id: "x", rollouts }, { id: "y", rollouts: rollouts.slice(2) }, { rounds: 20 })
// Few models and rows: what a page says of more is the same.
const whole = syntheticResults({ n: 20, rounds: 20 })
const run = {
  ...whole,
  models: whole.models.slice(0, 3),
  training: whole.training.slice(0, 2).map((each) => ({ ...each, rows: each.rows.slice(0, 2) })),
  attribution: whole.attribution.slice(0, 2).map((each) => ({ ...each, rows: each.rows.slice(0, 2) })),
  figure1: { ...whole.figure1, rows: whole.figure1.rows.slice(0, 3) }
}

const tokens = [" 4", " is", " right", ".", " Wait", ",", " 5"]
const rows = [
  {
    id: "1",
    prompt: "How many?",
    tokens,
    logprobs: tokens.map((_, i) => -0.1 * i),
    ref_logprobs: tokens.map(() => -0.5),
    old_logprobs: tokens.map(() => -0.3),
    score: 1
  },
  {
    uid: "2",
    logprobs: [-0.1, -0.2, -0.3],
    ref_logprobs: [-0.2, -0.1, -0.3],
    advantage: 0.5,
    spans: [{ kind: "sample", start: 0, end: 2 }, { kind: "decision", start: 2, end: 3, action: "STOP" }]
  },
  {
    choices: [{
      message: { content: "It is 4." },
      finish_reason: "stop",
      logprobs: { content: [{ token: "It", logprob: -0.1 }, { token: " is 4.", logprob: -1 }] }
    }],
    score: 1
  }
]

/** Theory's numbers at their edges: what overflows is an error, never a number that is none. */
const edge = fc.constantFrom(...EDGES)

const attributed = (lines: ReadonlyArray<Result.Result<Parameters<ReturnType<typeof startAttribution>["add"]>[0], string>>) => {
  const attribution = startAttribution({ gamma: 1, beta: 0.1, constant: 1 })
  let used = 0
  for (const row of lines) {
    if (Result.isFailure(row)) attribution.refuse(1, row.failure)
    else {
      attribution.add(row.success)
      used++
    }
  }
  const [refused] = lines.filter(Result.isFailure)
  if (used === 0 && refused !== undefined) return Effect.fail(new Refusal(refused.failure))
  const report = attribution.report()
  const total = report.objectives.find(({ immediate, rows }) => rows > 0 && (immediate?.sampling.total ?? null) === null)
  return total === undefined ? Effect.succeed(report) : Effect.die(new Error(`the terms of ${total.name} have no sum`))
}

const state = Checkpoint.encode({
  ...fromParameters(Float32Array.of(1, 2, 3, 4), 7),
  reference: Float32Array.of(1, 2, 3, 4),
  sampler: { parameters: Float32Array.of(4, 3, 2, 1), step: 2 },
  klCoefficient: 0.1
})

const part = (() => {
  const file = join(mkdtempSync(join(tmpdir(), "decision-sampling-part-")), "a.part")
  writePart(file, {
    reading: { package: "1.0.0", markers: [], lexicon: "0", answers: "auto", isScored: false, isStrict: false },
    inputs: [{ file: "a.jsonl", rows: 5, badRows: 0, formats: { plain: 5 }, notes: [], bytes: 99, fingerprint: "f" }],
    merged: [],
    badRowCount: 0,
    badRows: [],
    counted: NO_READING,
    levels: [{ level: "a", patterns: [["0d", 3], ["1c", 2]] }]
  }, [{ level: "a", queries: [[1, "0d:2"], [2 ** 40, "0d:1 1c:2"]] }])
  const bytes = readFileSync(file)
  rmSync(dirname(file), { recursive: true })
  return bytes
})()

// The same parts with changes that somebody made who made the digest anew. See PartFile: a line, blocks with their lengths, the digest.
const partLine = part.subarray(0, part.indexOf("\n") + 1)
const partBlocks = (() => {
  const blocks: Array<Buffer> = []
  for (let at = partLine.length; part.readUInt32LE(at) > 0; at += 4 + part.readUInt32LE(at)) {
    blocks.push(inflateRawSync(part.subarray(at + 4, at + 4 + part.readUInt32LE(at))))
  }
  return blocks
})()
const partHeader: fc.Arbitrary<string> = fc.oneof(
  fc.constant(partBlocks[0]!.toString()),
  jsonText(JSON.parse(partBlocks[0]!.toString())),
  ofSchema(PartHeader).map((each) => JSON.stringify(each))
)
const sealed = fc.tuple(partHeader, harmed(...partBlocks.slice(1)), fc.boolean()).map(
  ([header, block, isWhole]) => {
    const blocks = [Buffer.from(header), isWhole ? partBlocks[1]! : Buffer.from(block)]
    const parts = blocks.flatMap((each) => {
      const packed = deflateRawSync(each)
      const length = Buffer.alloc(4)
      length.writeUInt32LE(packed.length)
      return [length, packed]
    })
    const bytes = Buffer.concat([partLine, ...parts, Buffer.alloc(4)])
    return new Uint8Array(Buffer.concat([bytes, createHash("sha256").update(bytes).digest()]))
  }
)

const report = (name: string, valid: fc.Arbitrary<unknown>): Target => ({
  name: `report: ${name}`,
  isLong: true,
  cost: 8,
  input: jsonTextOf(valid),
  read: (input, file) => Effect.flatMap(readReportFile(saved(input, `${file}.json`)), (read) => renderFiles([read]))
})

const edgeProcess = fc.tuple(edge, edge, edge, fc.constantFrom(1, 2, 3), edge).map(([logit, beta, gamma, maxCycles, decision]) =>
  JSON.stringify({
    gamma: gamma >= 0 && gamma <= 1 ? gamma : 0.9,
    beta,
    maxCycles,
    answers: [{ tokens: [0], correct: true }, { tokens: [1], correct: false }],
    policy: { sampling: [{ "": [logit, 0] }, { "": [0, logit] }, { "": [logit, 1] }], decision: [decision, 0] },
    reference: { sampling: [{ "": [0, 0] }, { "": [0, 0] }, { "": [1, 0] }], decision: [0, 0] }
  })
)

export const results: ReadonlyArray<Target> = [
  {
    name: "theory evaluate: process",
    isLong: true,
    input: jsonText(...golden("process").map(withoutExpected)),
    read: (input, file) => evaluateFile(saved(input, `${file}.json`))
  },
  {
    name: "theory evaluate: trajectory",
    isLong: true,
    input: jsonText(...golden("trajectory").map(withoutExpected)),
    read: (input, file) => evaluateFile(saved(input, `${file}.json`))
  },
  { name: "theory evaluate: edges", input: edgeProcess, read: (input, file) => evaluateFile(saved(input, `${file}.json`)) },
  {
    name: "attribution: row",
    input: fc.oneof(
      { weight: 3, arbitrary: jsonText(...rows) },
      {
        weight: 1,
        arbitrary: fc.tuple(fc.array(fc.constantFrom(0, -0.5, -900, -999.9, -5e-324), { minLength: 6, maxLength: 6 }), edge).map((
          [values, advantage]
        ) =>
          JSON.stringify({
            ...rows[1],
            logprobs: values.slice(0, 3),
            old_logprobs: values.slice(3),
            ref_logprobs: values.slice(2, 5),
            advantage
          })
        )
      }
    ),
    read: (input) => Effect.suspend(() => attributed(readAttributionRows(String(input), "line 1", defaultMarkers, TWO_STAGE)))
  },
  {
    name: "attribution: file",
    input: fc.oneof(jsonLines(...rows), jsonText(rows)),
    read: (input, file) =>
      Effect.flatMap(
        Stream.runCollect(readAttributionFile(saved(input, `${file}.jsonl`), defaultMarkers, TWO_STAGE)),
        (lines) => attributed(lines.flatMap((line) => line.rows))
      )
  },
  report("calibration", fc.constant(calibration)),
  report("calibration, by its schema", ofSchema(Calibration)),
  report("comparison", fc.constant(comparison)),
  report("attribution, by its schema", ofSchema(AttributionReport)),
  report("results", fc.constant(run)),
  report("results, by its schema", ofSchema(Results)),
  {
    name: "seeds",
    cost: 8,
    isLong: true,
    input: jsonText({ ...run, seed: 2 }),
    read: (input, file) => {
      saved(JSON.stringify(run), `${file}.0.json`)
      return poolSeeds([`${file}.0.json`, saved(input, `${file}.1.json`)], `${file}.pooled`)
    }
  },
  {
    name: "checkpoint",
    mayBeNonFinite: true,
    input: harmed(state),
    read: (input) => Checkpoint.decode(Buffer.from(input), "a.checkpoint")
  },
  {
    name: "run.json",
    input: jsonText({ seed: 1, steps: 3, device: "wasm", products: "relaxed", noted: { at: 1 } }),
    read: (input, file) => {
      const folder = `${file}.run`
      mkdirSync(folder, { recursive: true })
      saved(input, join(folder, "run.json"))
      saved("", join(folder, "metrics.jsonl"))
      return Effect.andThen(
        readRun(folder),
        Effect.andThen(
          claim(folder, { seed: 1, steps: 3, device: "wasm", products: "relaxed" }, true),
          latest(folder, fromParameters(Float32Array.of(1), 1))
        )
      )
    }
  },
  {
    name: "rollouts that a run goes on from",
    input: jsonLines({
      id: "a/1#0",
      model: "m",
      settings: { temperature: 1 },
      level: "a",
      prompt: "p",
      response: "r",
      truncated: false,
      ending: "stop"
    }),
    read: (input, file) => readRows(saved(input, `${file}.jsonl`))
  },
  {
    name: "state of a calibration",
    input: jsonTextOf(ofSchema(SavedState)),
    mayBeNonFinite: true,
    read: (input, file) =>
      failing([FileError], () => loadState(saved(input, `${file}.state`), /"job":"((?:[^"\\]|\\.)*)"/.exec(String(input))?.[1] ?? ""))
  },
  {
    name: "part of a calibration",
    input: fc.oneof({ weight: 1, arbitrary: harmed(part) }, { weight: 4, arbitrary: sealed }),
    read: (input, file) => calibrateParts([saved(input, `${file}.part`)], { rounds: 20 })
  },
  {
    name: "cache of a reading model",
    input: jsonLines({ key: "k", piece: 0, model: "m", version: 1, candidates: [{ quote: "It is 4", answer: "4" }] }, {
      key: "k",
      piece: 1,
      model: "m",
      version: 1,
      failed: "no"
    }),
    read: (input, file) =>
      Effect.scoped(
        Effect.map(
          openReaderCache(saved(input, `${file}.cache`), { model: "m", version: 1 }),
          (cache) => [cache.get("k", 0), cache.get("k", 1)]
        )
      )
  },
  {
    name: "metrics of a run",
    input: fc.oneof(
      jsonLines({ step: 1, reward: 0.5 }, { step: 2, data: { "critic/score/mean": 0.1 } }),
      jsonText({ log_history: [{ step: 1, loss: 0.5 }], max_steps: 3 })
    ),
    read: (input, file) =>
      Effect.sync(() => {
        const path = saved(input, `${file}.metrics`)
        const source = { id: "a", name: "a", path, metrics: path, settings: path }
        return [
          readMetrics({ ...source, by: "ours" }),
          readMetrics({ ...source, by: "trl" }),
          readMetrics({ ...source, by: "verl" }),
          readSettings(path)
        ]
      })
  }
]
