/**
 * The form that a model was trained to read conversations in: its Jinja template, from messages to text.
 *
 * @module
 */
import { Effect, Result } from "effect"
import { failing } from "../../domain/Throws.ts"
import { isObject, type JsonObject } from "./FileBytes.ts"
import { ModelFileError } from "./ModelFileError.ts"
import type { PretrainedModel, WordSource } from "./PretrainedModel.ts"
import type { TextTokenizer } from "./TextTokenizer.ts"

/** A message of a conversation; roles are the template's, commonly system, user and assistant. */
export interface ChatMessage {
  readonly role: string
  readonly content: string
}

/** How a conversation is written. */
export interface RenderOptions {
  /** The text ends where the model's answer begins. On by default. */
  readonly addGenerationPrompt?: boolean
  /** Other variables of the template, such as `enable_thinking` or `date_string`. */
  readonly variables?: Readonly<Record<string, unknown>>
}

/** A template that has been read. */
export interface ChatTemplate {
  readonly source: string
  /**
   * The text of a conversation, special tokens spelled out: `encode` of the model's tokenizer finds them. Today's date is not told to the
   * template, so that a prompt is the same every day.
   *
   * Fails with ModelFileError (`Template`): the template refuses the messages, or writes a token that the tokenizer does not have.
   */
  readonly render: (messages: ReadonlyArray<ChatMessage>, options?: RenderOptions) => Result.Result<string, ModelFileError>
}

const NAMED_TOKENS = ["bos_token", "eos_token", "unk_token", "pad_token"] as const

interface TemplateSource {
  readonly file: string
  readonly template: string | undefined
  /** What the template may write by name. */
  readonly tokens: Readonly<Partial<Record<typeof NAMED_TOKENS[number], string>>>
}

const contentOf = (token: unknown): string | undefined =>
  typeof token === "string" ? token : isObject(token) && typeof token["content"] === "string" ? token["content"] : undefined

const named = (tokenOf: (name: typeof NAMED_TOKENS[number]) => string | undefined): TemplateSource["tokens"] =>
  Object.fromEntries(NAMED_TOKENS.flatMap((name) => {
    const token = tokenOf(name)
    return token === undefined ? [] : [[name, token]]
  }))

/** Some models have several templates by name; "default" is the one for conversations. */
const configTemplate = (template: unknown): string | undefined => {
  if (!Array.isArray(template)) return typeof template === "string" ? template : undefined
  const entries: ReadonlyArray<JsonObject> = template.filter(isObject)
  return contentOf({ content: entries.find(({ name }) => name === "default")?.["template"] })
}

const GGUF_IDS = { bos_token: "bos", eos_token: "eos", unk_token: "unknown", pad_token: "padding" } as const

const sourceOf = (words: WordSource): TemplateSource => {
  if (words._tag === "Json") {
    const { config, file, template } = words
    const folder = file.replace(/[^/\\]*$/, "")
    return {
      file: `${folder}${template === undefined ? "tokenizer_config.json" : "chat_template.jinja"}`,
      template: template ?? configTemplate(config["chat_template"]),
      tokens: named((name) => contentOf(config[name]))
    }
  }
  const { file, metadata } = words.gguf
  const template = metadata.get("tokenizer.chat_template")
  const tokens = metadata.get("tokenizer.ggml.tokens")
  return {
    file,
    template: typeof template === "string" ? template : undefined,
    tokens: named((name) => {
      const id = metadata.get(`tokenizer.ggml.${GGUF_IDS[name]}_token_id`)
      const token: unknown = Array.isArray(tokens) && typeof id === "number" ? tokens[id] : undefined
      return typeof token === "string" ? token : undefined
    })
  }
}

const refused = (file: string, found: string, expected: string, advice: string): ModelFileError =>
  new ModelFileError({ reason: "Template", file, found, expected, advice })

/** Spellings that are tokens by their form. */
const MARKER = /<[|｜][^<>|｜\s'"{}]+[|｜]>/g

const markersOf = (text: string): ReadonlyArray<string> => [...new Set(text.match(MARKER) ?? [])]

/** Whether a template has a model's published form of conversations. */
export const hasChatTemplate = ({ words }: PretrainedModel): boolean => sourceOf(words).template !== undefined

// What of the library is used; its own types do not resolve where imports must name files.
interface Environment {
  readonly set: (name: string, value: unknown) => unknown
}
interface Library {
  readonly Template: new(source: string) => { readonly parsed: unknown }
  readonly Environment: new() => Environment
  readonly Interpreter: new(environment: Environment) => { readonly run: (program: unknown) => { readonly value: unknown } }
}

type Render = (variables: Readonly<Record<string, unknown>>) => string

const raise = (problem: unknown): never => {
  throw new Error(String(problem))
}

/** So many numbers `range` gives to one rendering of a template: what Jinja's own sandbox allows to a single call. */
const MOST_NUMBERS = 100_000

// Loops in loops count, too: a template comes with a model that others published.
const makeRange = () => {
  let given = 0
  return (start: number, stop?: number, step = 1): ReadonlyArray<number> => {
    const [first, end] = stop === undefined ? [0, start] : [start, stop]
    const length = Math.max(0, Math.ceil((end - first) / step))
    // Each call counts, so that empty ranges in a loop end, too.
    given += length + 1
    if (step === 0 || !(given <= MOST_NUMBERS)) {
      return raise(`range() of no number, with steps of 0, or of more than ${MOST_NUMBERS} numbers in all`)
    }
    return Array.from({ length }, (_, i) => first + i * step)
  }
}

/**
 * What every template may use. Without `strftime_now`, which transformers has too: it tells the day, and each day's prompts would be others.
 * Templates that would use it ask whether it is there.
 */
const GLOBALS: Readonly<Record<string, unknown>> = {
  false: false,
  true: true,
  none: null,
  False: false,
  True: true,
  None: null,
  raise_exception: raise
}

const parsed = ({ Environment, Interpreter, Template }: Library, source: string): Render => {
  const program = new Template(source).parsed
  return (variables) => {
    const environment = new Environment()
    for (const [name, value] of Object.entries({ ...GLOBALS, range: makeRange(), ...variables })) environment.set(name, value)
    return String(new Interpreter(environment).run(program).value)
  }
}

const templateOf = (render: Render, { file, tokens }: TemplateSource, source: string, tokenizer: TextTokenizer): ChatTemplate => {
  const unnamed = NAMED_TOKENS.filter((name) =>
    tokens[name] === undefined && new RegExp(`\\b${name}\\b(?!\\s+is\\s+(?:not\\s+)?defined)`).test(source) &&
    !new RegExp(`\\b${name}\\s+is\\s+(?:not\\s+)?defined`).test(source)
  )
  const missing = markersOf(source).filter((marker) => !tokenizer.added.has(marker))
  return {
    source,
    render: (messages, { addGenerationPrompt = true, variables = {} } = {}) => {
      const unsaid = unnamed.filter((name) => variables[name] === undefined)
      if (unsaid.length > 0) {
        return Result.fail(
          refused(
            file,
            `a template that writes ${unsaid.join(", ")}`,
            "a tokenizer that says which token that is",
            "Fetch tokenizer_config.json too, or give the token among the variables"
          )
        )
      }
      let text: string
      try {
        text = render({
          ...tokens,
          ...variables,
          messages: messages.map(({ content, role }) => ({ role, content })),
          add_generation_prompt: addGenerationPrompt
        })
      } catch (cause) {
        const problem = cause instanceof Error ? cause.message : String(cause)
        return Result.fail(
          refused(
            file,
            `the template refuses the ${messages.length} messages: ${problem}`,
            "messages that it has a form for",
            "Roles, their order, and variables are the template's"
          )
        )
      }
      // Only what the template wrote itself: a message may spell anything.
      const said = messages.map(({ content }) => content).join("\n")
      const absent = missing.find((marker) => text.includes(marker) && !said.includes(marker))
      if (absent !== undefined) {
        return Result.fail(
          refused(
            file,
            `the template writes ${absent}`,
            "a tokenizer with that token",
            "Do the template and the tokenizer belong to this model?"
          )
        )
      }
      return Result.succeed(text)
    }
  }
}

/**
 * Reads a model's template: chat_template.jinja, or the one in tokenizer_config.json or in the GGUF file's metadata.
 *
 * Fails with ModelFileError (`Template`): the model has none, as base models have, or it is no Jinja that is understood.
 */
export const openChatTemplate = (model: PretrainedModel, tokenizer: TextTokenizer): Effect.Effect<ChatTemplate, ModelFileError> =>
  Effect.gen(function* () {
    const library = (yield* Effect.promise(() => import("@huggingface/jinja"))) as unknown as Library
    return yield* failing([ModelFileError], () => {
      const source = sourceOf(model.words)
      const { file, template } = source
      if (template === undefined) {
        throw refused(file, "no chat template", "one", "The model was not trained on conversations: write its prompts as plain text")
      }
      try {
        return templateOf(parsed(library, template), source, template, tokenizer)
      } catch (cause) {
        throw refused(file, cause instanceof Error ? cause.message : String(cause), "a Jinja template", "Fetch the file again")
      }
    })
  })
