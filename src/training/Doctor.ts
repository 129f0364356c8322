/**
 * The doctor: does a training step on every device there may be, compares it with plain JavaScript, and times it.
 *
 * @module
 */
import { Effect, Layer, Result, type Scope } from "effect"
import { Device, type DeviceError, type DeviceInfo, type DeviceService } from "../model/device/Device.ts"
import type { PolicyError } from "../domain/Errors.ts"
import { TWO_STAGE } from "../domain/Partition.ts"
import { type Parameters, Policy } from "../domain/Policy.ts"
import { onPolicy, Sampler, type SampleRequest } from "../domain/Sampler.ts"
import { fold } from "../domain/Seed.ts"
import * as Multiplication from "../tasks/Multiplication.ts"
import { Grammar } from "../domain/Grammar.ts"
import type { Rollout } from "../domain/Trajectory.ts"
import * as Aggregate from "../theory/Aggregate.ts"
import { nll } from "../theory/Objective.ts"
import * as ArithmeticGrammar from "../model/grammar/ArithmeticGrammar.ts"
import { Backprop, type LossRequest } from "../model/Backprop.ts"
import * as Batch from "../model/loss/Batch.ts"
import { type DeviceCandidate, deviceCandidates, firstWorkingDevice, reasonOf } from "../model/device/Auto.ts"
import { cpuDevice } from "../model/device/Cpu.ts"
import { devicesBy } from "../model/device/DeviceName.ts"
import * as Optimizer from "./Optimizer.ts"
import * as TransformerPolicy from "../model/policy/TransformerPolicy.ts"

/** The devices examined: all of them, nodeGpu and webgpu also where they compute without a GPU. */
export const allDevices: ReadonlyArray<DeviceCandidate> = devicesBy("anywhere")

/** The largest difference from `cpu` that counts as agreement; float32 devices stay a hundred times below it. */
export const TOLERANCE = 1e-4

const transformer = { width: 32, layers: 2, heads: 4 }
/** For time only: where a GPU begins to be worth its calls. The rollouts are repeated, so that there is as much to do at once as in training. */
const largerTransformer = { width: 128, layers: 4, heads: 4 }
const REPEATS = 16
/** A device that needs longer for a step of the small model, in milliseconds, is not asked to do the larger one; plain JavaScript never is. */
const SLOW = 500
const tokenizer = ArithmeticGrammar.layer({ radix: 10, maxAttempts: 3, context: "markov", positions: 16 })
const ROLLOUTS = 16

/** What a device made of the work. Differences are from `cpu`. */
export interface Measurement {
  /** |loss − loss on cpu| / |loss on cpu|. */
  readonly lossDifference: number
  /** The largest |∂ − ∂ on cpu| over all parameters, divided by the largest |∂ on cpu|. */
  readonly gradientDifference: number
  /** The largest difference between the log-probability the device sampled a token with and the one that cpu scores it with, nats. */
  readonly samplingDifference: number
  /** All three are below the tolerance. */
  readonly agrees: boolean
  /** Milliseconds of the first training step, in which some devices compile. */
  readonly firstStep: number
  /** Median milliseconds of the steps after it: gradient and Adam. */
  readonly step: number
  /** The same for the larger transformer; left out where the small one already took longer than half a second, and on `cpu`. */
  readonly largerStep?: number
}

/** One device: what it is and what it computed, or why it cannot be used. */
export type Finding =
  | { readonly name: string; readonly isUsable: true; readonly info: DeviceInfo; readonly measurement: Measurement }
  | { readonly name: string; readonly isUsable: false; readonly reason: string }

/** A transformer and the batch of its training step. */
export interface Work {
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly parameters: number
  readonly rollouts: number
  readonly tokens: number
}

/** The doctor's report. */
export interface Diagnosis {
  readonly work: Work
  /** What is timed only. */
  readonly larger: Work
  readonly devices: ReadonlyArray<Finding>
  /** What `deviceAuto` takes here, whose description says why not the others; or why it takes none. */
  readonly auto: DeviceInfo | { readonly reason: string }
}

const onDevice = (device: DeviceService, config = transformer): Layer.Layer<Sampler | Policy | Backprop | Grammar> =>
  TransformerPolicy.layer(config).pipe(Layer.provide(Layer.succeed(Device, device)), Layer.provideMerge(tokenizer), Layer.orDie)

interface Reference {
  readonly parameters: Parameters
  readonly requests: ReadonlyArray<SampleRequest>
  readonly step: LossRequest
  readonly largerStep: LossRequest
  readonly loss: number
  readonly gradient: Float32Array
  readonly score: (rollouts: ReadonlyArray<Rollout>) => Effect.Effect<ReadonlyArray<Float64Array>, PolicyError>
}

/** The work, and what plain JavaScript makes of it: rollouts sampled there, and an SFT step on them. */
const makeReference = Effect.gen(function* () {
  const [policy, sampler, backprop, grammar] = [yield* Policy, yield* Sampler, yield* Backprop, yield* Grammar]
  const parameters = yield* policy.initialize(1)
  const requests = yield* Effect.forEach(Array.from({ length: ROLLOUTS }, (_, i) => i), (i) => {
    const problem = Multiplication.drawProblem({ radix: 10 }, Multiplication.parseLevel("2x1"), fold(2, i))
    return Effect.map(
      Effect.fromResult(grammar.prompt(Multiplication.toQuery({ radix: 10 }, problem))),
      (prompt): SampleRequest => ({ prompt, seed: fold(3, i) })
    )
  })
  const rollouts = yield* sampler.sample(parameters, requests, onPolicy)
  const stepOf = (times: number): LossRequest => {
    const batch = Batch.make(Array.from({ length: times }, () => rollouts).flat())
    const weights = Aggregate.weights(Aggregate.tokenMean, batch.offsets, batch.owner)
    return { ...batch, objective: nll(), partition: TWO_STAGE, temperature: 1, weights }
  }
  const [step, largerStep] = [stepOf(1), stepOf(REPEATS)]
  const { gradient, loss } = yield* backprop.gradient(parameters, step)
  const reference: Reference = {
    parameters,
    requests,
    step,
    largerStep,
    loss,
    gradient,
    score: (rollouts) => policy.logProbs(parameters, rollouts, 1)
  }
  return reference
})

const largest = (values: Iterable<number>): number => {
  let top = 0
  // Not Math.max alone: a NaN must not pass for a small number.
  for (const value of values) top = Math.max(top, Number.isNaN(value) ? Infinity : Math.abs(value))
  return top
}

/** Times training steps: the first, then as many as fit into about a second, two to twenty. */
const timeSteps = Effect.fnUntraced(function* (parameters: Parameters, request: LossRequest) {
  const backprop = yield* Backprop
  const times: Array<number> = []
  let current = { parameters, state: Optimizer.initialize(parameters.length) }
  let spent = 0
  while (times.length < 3 || (spent < 1000 && times.length < 21)) {
    const startedAt = performance.now()
    const { gradient } = yield* backprop.gradient(current.parameters, request)
    current = Optimizer.update(Optimizer.adam, 1e-3, current.state, current.parameters, gradient)
    const time = performance.now() - startedAt
    times.push(time)
    spent += time
  }
  const later = times.slice(1).sort((a, b) => a - b)
  return { firstStep: times[0]!, step: later[Math.floor(later.length / 2)]! }
})

/** Does the work on a device that has started. */
const measure = Effect.fnUntraced(function* ({ gradient: expected, loss: expectedLoss, parameters, requests, score, step }: Reference) {
  const [sampler, backprop] = [yield* Sampler, yield* Backprop]
  const times = yield* timeSteps(parameters, step)
  const { gradient, loss } = yield* backprop.gradient(parameters, step)
  const rollouts = yield* sampler.sample(parameters, requests, onPolicy)
  const scored = yield* score(rollouts)
  const differences = {
    lossDifference: largest([(loss - expectedLoss) / expectedLoss]),
    gradientDifference: largest(gradient.map((slope, i) => slope - expected[i]!)) / largest(expected),
    samplingDifference: largest(rollouts.flatMap(({ logProbs }, i) => Array.from(logProbs, (value, t) => value - scored[i]![t]!)))
  }
  const measurement: Measurement = { ...differences, agrees: Object.values(differences).every((value) => value < TOLERANCE), ...times }
  return measurement
})

/** Milliseconds of a step of the larger transformer, where the small one was quick. */
const timeLarger = (device: DeviceService, { largerStep }: Reference, { step }: Measurement) =>
  step > SLOW || device.info.name === "cpu"
    ? Effect.succeed({})
    : Effect.flatMap(Policy, (policy) => policy.initialize(1)).pipe(
      Effect.flatMap((parameters) => timeSteps(parameters, largerStep)),
      Effect.provide(onDevice(device, largerTransformer)),
      Effect.map(({ step }): Pick<Measurement, "largerStep"> => ({ largerStep: step }))
    )

const examineDevice = (reference: Reference, { device, name }: DeviceCandidate): Effect.Effect<Finding> =>
  Effect.gen(function* () {
    const started = yield* device
    const measurement = yield* measure(reference).pipe(Effect.provide(onDevice(started)))
    const larger = yield* timeLarger(started, reference, measurement)
    const finding: Finding = { name, isUsable: true, info: started.info, measurement: { ...measurement, ...larger } }
    return finding
  }).pipe(
    Effect.scoped,
    Effect.result,
    Effect.map((result) => (Result.isSuccess(result) ? result.success : { name, isUsable: false, reason: reasonOf(result.failure) }))
  )

/** Examines devices one after the other, and says what `deviceAuto` takes. Fails when not even plain JavaScript works. */
export const examine = (
  devices: ReadonlyArray<DeviceCandidate> = allDevices,
  auto: Effect.Effect<DeviceService, DeviceError, Scope.Scope> = firstWorkingDevice(deviceCandidates)
): Effect.Effect<Diagnosis, DeviceError> =>
  Effect.gen(function* () {
    const reference = yield* makeReference.pipe(
      Effect.provide(onDevice(yield* cpuDevice)),
      Effect.catchTags({ PolicyError: Effect.die, TokenizerError: Effect.die })
    )
    const findings = yield* Effect.forEach(devices, (candidate) => examineDevice(reference, candidate))
    const taken = yield* Effect.result(Effect.scoped(auto))
    const { largerStep, parameters, step } = reference
    const work = { ...transformer, parameters: parameters.length, rollouts: ROLLOUTS, tokens: step.owner.length }
    const larger = {
      ...largerTransformer,
      parameters: yield* Effect.provide(
        Effect.map(Policy, (policy) => policy.parameterCount),
        onDevice(yield* cpuDevice, largerTransformer)
      ),
      rollouts: ROLLOUTS * REPEATS,
      tokens: largerStep.owner.length
    }
    return { work, larger, devices: findings, auto: Result.isSuccess(taken) ? taken.success.info : { reason: reasonOf(taken.failure) } }
  })
