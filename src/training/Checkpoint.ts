/**
 * Checkpoints: a {@link TrainState} as bytes, with a digest, so that a cut-off or damaged file is noticed instead of
 * trained on.
 *
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { Effect, FileSystem, Schema } from "effect"
import { bytesOf, concatBytes } from "../domain/Bytes.ts"
import { FileError } from "../domain/Errors.ts"
import { problemOf } from "../domain/Files.ts"
import { writeAtomically } from "../domain/WholeFile.ts"
import { MOST_STEPS } from "./Bounds.ts"
import type { TrainState } from "./TrainState.ts"

/** A checkpoint that cannot be used: cut off, damaged, from another version, or not a checkpoint at all. */
export class CheckpointError extends Schema.TaggedError<CheckpointError>()("CheckpointError", {
  file: Schema.String,
  problem: Schema.String,
  advice: Schema.String
}) {
  override get message(): string {
    return `checkpoint ${this.file}: ${this.problem}. ${this.advice}`
  }
}

/** Bytes of a header, at most: it holds a dozen numbers. */
const LONGEST_HEADER = 10_000

const FORMAT = "decision-sampling checkpoint 2"
/** Its digest is of the numbers alone: what its header says of them is taken on trust. */
const WITHOUT_HEADER = "decision-sampling checkpoint 1"

const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: MOST_STEPS }))

const Header = Schema.Struct({
  format: Schema.Literals([FORMAT, WITHOUT_HEADER]),
  step: Count,
  seed: Schema.Int,
  updates: Count,
  parameters: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  /** A digest of the settings of the run that it is of. */
  run: Schema.optionalKey(Schema.String),
  hasReference: Schema.optionalKey(Schema.Boolean),
  /** The step of the parameters that rollouts are drawn with, where these follow. */
  samplerStep: Schema.optionalKey(Count),
  klCoefficient: Schema.optionalKey(Schema.Finite),
  entropy: Schema.optionalKey(Schema.Struct({ coefficient: Schema.Finite, entropy: Schema.Finite })),
  digest: Schema.String
})

// What stands in the header's line before its digest, and the numbers.
const digestOf = (before: string, body: Uint8Array): string =>
  bytesToHex(sha256.create().update(new TextEncoder().encode(before)).update(body).digest())
const DIGEST = ",\"digest\""

/**
 * Writes a state as bytes: one line of JSON with a SHA-256 of its other fields and of all that follows, then parameters, first and second moments, the reference, if any, and the sampler's parameters, if they are
 * others, as little-endian float32. `run` is a digest of the settings of its run, so that a checkpoint of another is noticed.
 */
export const encode = (state: TrainState, run?: string): Uint8Array => {
  const reference = state.reference === undefined ? [] : [state.reference]
  const sampler = state.sampler === undefined ? [] : [state.sampler.parameters]
  const body = concatBytes([state.parameters, state.optimizer.first, state.optimizer.second, ...reference, ...sampler].map(bytesOf))
  const header: Omit<typeof Header.Type, "digest"> = {
    format: FORMAT,
    step: state.step,
    seed: state.seed,
    updates: state.optimizer.updates,
    parameters: state.parameters.length,
    ...(run === undefined ? {} : { run }),
    ...(state.reference === undefined ? {} : { hasReference: true }),
    ...(state.sampler === undefined ? {} : { samplerStep: state.sampler.step }),
    ...(state.klCoefficient === undefined ? {} : { klCoefficient: state.klCoefficient }),
    ...(state.entropy === undefined ? {} : { entropy: state.entropy })
  }
  const before = JSON.stringify(header).slice(0, -1)
  return concatBytes([new TextEncoder().encode(`${before}${DIGEST}:"${digestOf(before, body)}"}\n`), body])
}

/** Reads what {@link encode} wrote. Where `run` is told, a checkpoint that says that it is of another is refused. */
export const decode = Effect.fnUntraced(function* (bytes: Uint8Array, file: string, run?: string) {
  const fail = (problem: string, advice = "Delete it to start anew, or give an older checkpoint of the run") =>
    new CheckpointError({ file, problem, advice })
  // What is no checkpoint may be anything, and nobody should delete it.
  const other = fail(`its header is not that of a ${FORMAT}`, "Is it a checkpoint? Those of train are called step-00000100.checkpoint")
  const end = bytes.subarray(0, LONGEST_HEADER).indexOf(10)
  if (end < 0) return yield* other
  const line = new TextDecoder().decode(bytes.subarray(0, end))
  const header = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Header))(line).pipe(Effect.mapError(() => other))
  // A copy, because Float32Array needs a buffer aligned to four bytes.
  const body = new Uint8Array(bytes.subarray(end + 1))
  const hasReference = header.hasReference === true
  const hasSampler = header.samplerStep !== undefined
  const expected = (3 + Number(hasReference) + Number(hasSampler)) * 4 * header.parameters
  if (body.byteLength !== expected) return yield* fail(`cut off: ${body.byteLength} bytes of ${expected}`)
  const before = header.format === WITHOUT_HEADER ? "" : line.slice(0, line.lastIndexOf(DIGEST))
  if (digestOf(before, body) !== header.digest) return yield* fail("the bytes do not match their digest")
  if (run !== undefined && header.run !== undefined && header.run !== run) {
    return yield* fail("it is of a run with other settings", "Take it out of the folder: the run goes on from a checkpoint of its own")
  }
  const vector = (index: number): Float32Array => new Float32Array(body.buffer, 4 * index * header.parameters, header.parameters)
  const state: TrainState = {
    step: header.step,
    seed: header.seed,
    parameters: vector(0),
    optimizer: { first: vector(1), second: vector(2), updates: header.updates },
    ...(hasReference ? { reference: vector(3) } : {}),
    ...(header.samplerStep === undefined
      ? {}
      : { sampler: { parameters: vector(3 + Number(hasReference)), step: header.samplerStep } }),
    ...(header.klCoefficient === undefined ? {} : { klCoefficient: header.klCoefficient }),
    ...(header.entropy === undefined ? {} : { entropy: header.entropy })
  }
  return state
})

/** Saves a state atomically; `run` as in {@link encode}. */
export const save = (file: string, state: TrainState, run?: string) => writeAtomically(file, encode(state, run))

/** Loads a state; a damaged file is a CheckpointError, and so is one that is not of `run`, where that is told. */
export const load = Effect.fn("Checkpoint.load")(function* (file: string, run?: string) {
  const files = yield* FileSystem.FileSystem
  const bytes = yield* files.readFile(file).pipe(
    Effect.mapError((cause) => new FileError({ file, problem: problemOf(cause), advice: "Does the checkpoint exist, and may it be read?" }))
  )
  return yield* decode(bytes, file, run)
})
