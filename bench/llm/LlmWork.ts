/** The three works on a pretrained model that are compared: scoring, a step of an adapter, and sampling; and the files through which a peer gets the same. */
import { Effect, type ManagedRuntime, Result } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Parameters, Policy } from "../../src/domain/Policy.ts"
import { onPolicy, Sampler } from "../../src/domain/Sampler.ts"
import { draws, fold } from "../../src/domain/Seed.ts"
import { type AdapterConfig, adapterLayout } from "../../src/model/weights/Adapter.ts"
import { llamaLayout } from "../../src/model/architecture/LlamaConfig.ts"
import { Backprop, type LossRequest } from "../../src/model/Backprop.ts"
import type { PretrainedConfig } from "../../src/model/policy/PretrainedPolicy.ts"
import { openModel } from "../../src/model/pretrained/PretrainedModel.ts"
import { openTokenizer } from "../../src/model/pretrained/TextTokenizer.ts"
import * as Optimizer from "../../src/training/Optimizer.ts"
import { nllRequest } from "../../test/support/NllRequest.ts"

export const ADAPTER = { rank: 16, alpha: 32 } satisfies AdapterConfig
/** Sequences and tokens of scoring, of which a step takes the first `stepRows`; prompts and new tokens of sampling. */
export const SHAPE = { rows: 16, length: 128, stepRows: 16, prompts: 32, promptLength: 32, newTokens: 64 }
export type Shape = typeof SHAPE
/** How much is computed at once; left out: as a pretrained model has it by default. */
export type Limits = NonNullable<PretrainedConfig["limits"]>

export type Runtime = ManagedRuntime.ManagedRuntime<Sampler | Policy | Backprop, unknown>

/** What a process is told: the batch as tokens, and an adapter that is not 0. */
export interface Work {
  readonly shape: Shape
  readonly limits?: Limits
  readonly tokens: ReadonlyArray<ReadonlyArray<number>>
  readonly prompts: ReadonlyArray<ReadonlyArray<number>>
  readonly parameters: Parameters
}

/** A text of this repository, cut into sequences; an adapter whose second factor is drawn too. */
export const writeWork = async (folder: string, path: string, shape: Shape, limits?: Limits): Promise<Work> => {
  const model = await Effect.runPromise(openModel(path))
  const tokenizer = await Effect.runPromise(openTokenizer(model))
  const text = readFileSync(new URL("../../docs/decisions/0018-passes-without-padding.md", import.meta.url), "utf8")
  const once = Result.getOrThrow(tokenizer.encode(text))
  const needed = Math.max(shape.rows * shape.length, shape.prompts * shape.promptLength)
  const all = Array.from({ length: needed }, (_, i) => once[i % once.length]!)
  const cut = (rows: number, length: number) => Array.from({ length: rows }, (_, row) => all.slice(row * length, (row + 1) * length))
  const layout = adapterLayout({ layout: llamaLayout(model.config) }, ADAPTER)
  const parameters: Parameters = new Float32Array(layout.count)
  const { uniform } = draws(7)
  for (let i = 0; i < parameters.length; i++) parameters[i] = 0.04 * (uniform() - 0.5)
  const work = {
    shape,
    ...(limits && { limits }),
    tokens: cut(shape.rows, shape.length),
    prompts: cut(shape.prompts, shape.promptLength),
    parameters
  }
  writeFileSync(join(folder, "parameters.f32"), parameters)
  writeFileSync(
    join(folder, "work.json"),
    JSON.stringify({ path, shape, limits, tokens: work.tokens, prompts: work.prompts, adapter: ADAPTER, entries: layout.entries })
  )
  return work
}

/** What `writeWork` wrote. */
export const readWork = (folder: string): Work & { readonly path: string } => ({
  ...(JSON.parse(readFileSync(join(folder, "work.json"), "utf8")) as Omit<Work, "parameters"> & { readonly path: string }),
  parameters: new Float32Array(readFileSync(join(folder, "parameters.f32")).buffer.slice(0))
})

const requestOf = ({ shape, tokens }: Work): LossRequest =>
  nllRequest(tokens.slice(0, shape.stepRows).map((row) => ({ tokens: row, promptLength: 1, offset: 0 })))

/** The works by name. Each run answers how many tokens it was for. */
export const worksOf = (runtime: Runtime, work: Work) => {
  const { prompts, shape, tokens } = work
  const request = requestOf(work)
  const trajectories = tokens.map((row) => ({ tokens: row, promptLength: 1, offset: 0 }))
  let parameters = work.parameters
  let state = Optimizer.initialize(parameters.length)
  let seed = 0
  const gradient = () => runtime.runPromise(Effect.flatMap(Backprop, (backprop) => backprop.gradient(parameters, request)))
  return {
    logProbs: () => runtime.runPromise(Effect.flatMap(Policy, (policy) => policy.logProbs(work.parameters, trajectories, 1))),
    gradient,
    score: async () => {
      await runtime.runPromise(Effect.flatMap(Policy, (policy) => policy.logProbs(work.parameters, trajectories, 1)))
      return shape.rows * (shape.length - 1)
    },
    step: async () => {
      const { gradient: found } = await gradient()
      const next = Optimizer.update(Optimizer.adam, 1e-5, state, parameters, found)
      parameters = next.parameters
      state = next.state
      return shape.stepRows * (shape.length - 1)
    },
    sample: async () => {
      seed++
      const requests = prompts.map((prompt, i) => ({ prompt, seed: fold(seed, i) }))
      const rollouts = await runtime.runPromise(
        Effect.flatMap(Sampler, (sampler) => sampler.sample(work.parameters, requests, { ...onPolicy, maxTokens: shape.newTokens }))
      )
      return rollouts.reduce((sum, { promptLength, tokens }) => sum + tokens.length - promptLength, 0)
    }
  }
}
