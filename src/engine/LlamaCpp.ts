/**
 * The part of node-llama-cpp in use. The package is optional: its types are stated here, and it is loaded when a sampler is made.
 *
 * @module
 */
import { Effect, type Scope } from "effect"
import { ConfigError } from "../domain/Errors.ts"

/** How a sequence draws. Every field is said: left out, top-k is 40 and top-p 0.95. */
export interface LlamaDrawing {
  readonly temperature: number
  readonly topK: number
  readonly topP: number
  readonly minP: number
  readonly seed: number
  readonly yieldEogToken: true
}

/** A token that was drawn, and its probability where it was asked for. */
export interface LlamaStep {
  readonly token: number
  readonly confidence?: number
}

/** One text that is being written. */
export interface LlamaSequence {
  /** Reads tokens and draws nothing. */
  readonly evaluateWithoutGeneratingNewTokens: (tokens: Array<number>) => Promise<void>
  readonly evaluate: (tokens: Array<number>, options: LlamaDrawing) => AsyncIterable<number>
  readonly evaluateWithMetadata: (
    tokens: Array<number>,
    metadata: { readonly confidence: true },
    options: LlamaDrawing
  ) => AsyncIterable<LlamaStep>
  /** Forgets the text, so that another can be begun. */
  readonly clearHistory: () => Promise<void>
}

/** Texts that are written side by side by the same weights. */
export interface LlamaContext {
  readonly getSequence: () => LlamaSequence
  readonly dispose: () => Promise<void>
}

/** A model's file, opened. */
export interface LlamaModel {
  readonly createContext: (options: {
    readonly sequences: number
    readonly contextSize: number
    readonly batchSize: number
    readonly threads: number
    readonly lora?: { readonly adapters: ReadonlyArray<{ readonly filePath: string; readonly scale: number }> }
  }) => Promise<LlamaContext>
  readonly dispose: () => Promise<void>
}

/** The library, started. */
export interface Llama {
  readonly loadModel: (options: { readonly modelPath: string }) => Promise<LlamaModel>
  readonly dispose: () => Promise<void>
}

/** The package `node-llama-cpp`. */
export interface LlamaPackage {
  readonly getLlama: (options: {
    readonly gpu: false | "auto"
    readonly build: "never"
    readonly maxThreads: number
    readonly logLevel: "error"
  }) => Promise<Llama>
}

// A constant, not a literal: the package is optional, and its absence must be no type error either.
const PACKAGE = "node-llama-cpp"
const INSTALL = `npm install --ignore-scripts ${PACKAGE}@3.21.1`

/** Loads the package. */
export const loadLlamaPackage = (): Promise<LlamaPackage> => import(PACKAGE) as Promise<LlamaPackage>

const reasonOf = (cause: unknown): string => cause instanceof Error ? cause.message.replace(/( imported from |\n).*$/s, "") : String(cause)

/** Starts the library for as long as the scope. Fails with ConfigError where the package is missing, or has no binary for this machine. */
export const startLlama = (
  options: { readonly threads: number; readonly gpu: boolean; readonly load: () => Promise<LlamaPackage> }
): Effect.Effect<Llama, ConfigError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: async () => {
        const { getLlama } = await options.load()
        return await getLlama({ gpu: options.gpu ? "auto" : false, build: "never", maxThreads: options.threads, logLevel: "error" })
      },
      catch: (cause) =>
        new ConfigError({
          field: "sampler",
          value: "LlamaCpp",
          expected: `the optional package ${PACKAGE} (${reasonOf(cause)}). Install it: ${INSTALL}`
        })
    }),
    (llama) => Effect.ignore(Effect.tryPromise(() => llama.dispose()))
  )
