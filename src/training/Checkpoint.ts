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
import { writeAtomically } from "../domain/WholeFile.ts"
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

const FORMAT = "decision-sampling checkpoint 2"
/** Its digest is of the numbers alone: what its header says of them is taken on trust. */
const WITHOUT_HEADER = "decision-sampling checkpoint 1"

const Header = Schema.Struct({
  format: Schema.Literals([FORMAT, WITHOUT_HEADER]),
  step: Schema.Int,
  seed: Schema.Int,
  updates: Schema.Int,
  parameters: Schema.Int,
  hasReference: Schema.optionalKey(Schema.Boolean),
  /** The step of the parameters that rollouts are drawn with, where these follow. */
  samplerStep: Schema.optionalKey(Schema.Int),
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
 * others, as little-endian float32.
 */
export const encode = (state: TrainState): Uint8Array => {
  const reference = state.reference === undefined ? [] : [state.reference]
  const sampler = state.sampler === undefined ? [] : [state.sampler.parameters]
  const body = concatBytes([state.parameters, state.optimizer.first, state.optimizer.second, ...reference, ...sampler].map(bytesOf))
  const header: Omit<typeof Header.Type, "digest"> = {
    format: FORMAT,
    step: state.step,
    seed: state.seed,
    updates: state.optimizer.updates,
    parameters: state.parameters.length,
    ...(state.reference === undefined ? {} : { hasReference: true }),
    ...(state.sampler === undefined ? {} : { samplerStep: state.sampler.step }),
    ...(state.klCoefficient === undefined ? {} : { klCoefficient: state.klCoefficient }),
    ...(state.entropy === undefined ? {} : { entropy: state.entropy })
  }
  const before = JSON.stringify(header).slice(0, -1)
  return concatBytes([new TextEncoder().encode(`${before}${DIGEST}:"${digestOf(before, body)}"}\n`), body])
}

/** Reads what {@link encode} wrote. */
export const decode = Effect.fnUntraced(function* (bytes: Uint8Array, file: string) {
  const fail = (problem: string) =>
    new CheckpointError({ file, problem, advice: "Delete it to start anew, or give an older checkpoint of the run" })
  const end = bytes.indexOf(10)
  if (end < 0) return yield* fail("no header line")
  const line = new TextDecoder().decode(bytes.subarray(0, end))
  const header = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Header))(line).pipe(
    Effect.mapError(() => fail(`the header is not that of a ${FORMAT}`))
  )
  // A copy, because Float32Array needs a buffer aligned to four bytes.
  const body = new Uint8Array(bytes.subarray(end + 1))
  const hasReference = header.hasReference === true
  const hasSampler = header.samplerStep !== undefined
  const expected = (3 + Number(hasReference) + Number(hasSampler)) * 4 * header.parameters
  if (body.byteLength !== expected) return yield* fail(`cut off: ${body.byteLength} bytes of ${expected}`)
  const before = header.format === WITHOUT_HEADER ? "" : line.slice(0, line.lastIndexOf(DIGEST))
  if (digestOf(before, body) !== header.digest) return yield* fail("the bytes do not match their digest")
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

/** Saves a state atomically. */
export const save = (file: string, state: TrainState) => writeAtomically(file, encode(state))

/** Loads a state; a damaged file is a CheckpointError. */
export const load = Effect.fn("Checkpoint.load")(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const bytes = yield* files.readFile(file).pipe(
    Effect.mapError((cause) => new FileError({ file, problem: cause.message, advice: "Does the checkpoint exist, and may it be read?" }))
  )
  return yield* decode(bytes, file)
})
