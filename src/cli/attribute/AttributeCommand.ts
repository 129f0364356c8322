/**
 * `decision-sampling attribute`: what objectives push, from a rollouts file with token log-probabilities.
 *
 * @module
 */
import { Console, Effect, Option, Result, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type Partition, TWO_STAGE } from "../../domain/Partition.ts"
import { makePartition } from "../../theory/Partition.ts"
import { ConfigError, FileError } from "../../domain/Errors.ts"
import { failing } from "../../domain/Throws.ts"
import { startAttribution } from "../../eval/attribute/Accumulate.ts"
import type { AttributionRow } from "../../eval/attribute/AttributionInput.ts"
import { readAttributionFile } from "../../eval/attribute/ReadAttributionFile.ts"
import { DEFAULT_ROUNDS } from "../../eval/statistics/Bootstrap.ts"
import { type AttributionSettings, lacking, OBJECTIVES, rowNumbers } from "../../eval/attribute/Objectives.ts"
import { tablesOf } from "../../eval/attribute/SpanTables.ts"
import { compileMarkers, type Markers } from "../../tasks/reading/Markers.ts"
import { readMarkers, sharedFlags } from "../calibrate/Options.ts"
import { adapterField, adapterFlag } from "../AdapterFlag.ts"
import { computedFlags, computedOf } from "../ComputedFlags.ts"
import { layer as progressLayer } from "../Progress.ts"
import { outputWidth } from "../Layout.ts"
import { MODEL_OBJECTIVES } from "./ModelObjectives.ts"
import { attributionText } from "./AttributionText.ts"
import { modelAttributionFigure } from "../../eval/figures/ModelAttributionFigure.ts"
import { figureFile } from "../report/FigureFile.ts"
import { modelAttributionText, type View, VIEWS } from "./ModelAttributionText.ts"
import { jsonFlag, withDefault } from "../Help.ts"
import { jsonText } from "../JsonText.ts"

/** What is larger overflows in the sums. */
const LARGEST = 1e6

const tableRows = (row: AttributionRow, settings: AttributionSettings) =>
  OBJECTIVES.filter((objective) => lacking(objective, row).length === 0).map((objective) => ({
    id: row.id,
    objective: objective.name,
    ...tablesOf(objective, row, rowNumbers(objective, row, settings))
  }))

const checked = ({ beta, constant, gamma }: AttributionSettings): Effect.Effect<AttributionSettings, ConfigError> =>
  failing([ConfigError], () => {
    const refuse = (field: string, value: number, expected: string): never => {
      throw new ConfigError({ field, value: String(value), expected })
    }
    if (!(gamma >= 0 && gamma <= 1)) refuse("--gamma", gamma, "a number from 0 to 1")
    if (!(beta >= 0 && beta <= LARGEST)) refuse("--beta", beta, `a number from 0 to ${LARGEST}`)
    if (!(Math.abs(constant) <= LARGEST)) refuse("--constant", constant, `a number of at most ${LARGEST} in size`)
    return { gamma, beta, constant }
  })

const partitionOf = (parts: string): Effect.Effect<Partition, ConfigError> =>
  Effect.try({
    try: () => makePartition(parts.split(",").map((name) => name.trim())),
    catch: (cause) =>
      new ConfigError({
        field: "--parts",
        value: `"${parts}"`,
        expected: `names, each once (${cause instanceof Error ? cause.message : cause})`
      })
  })

/** Reads the file once, row by row. With `tables` every row's tables go to standard output as JSON Lines. */
const attributeFile = Effect.fn("AttributeCommand.attributeFile")(
  function* (file: string, settings: AttributionSettings, markers: Markers, partition: Partition, tables: boolean) {
    const accumulator = startAttribution(settings, { partition })
    yield* Stream.runForEach(readAttributionFile(file, markers, partition), ({ line, rows }) =>
      Effect.forEach(rows, (row) => {
        if (Result.isFailure(row)) return Effect.sync(() => accumulator.refuse(line, row.failure))
        accumulator.add(row.success)
        return tables
          ? Effect.forEach(tableRows(row.success, settings), (table) => Console.log(jsonText(table, 0)), { discard: true })
          : Effect.void
      }, { discard: true }))
    return accumulator.report()
  }
)

/** Refuses flags that the other way of attributing reads: what is said and not heeded is a mistake. */
const onlyWith = (given: Readonly<Record<string, boolean>>, expected: string): Effect.Effect<void, ConfigError> => {
  const flag = Object.keys(given).find((name) => given[name] === true)
  return flag === undefined ? Effect.void : Effect.fail(new ConfigError({ field: `--${flag}`, value: "given", expected }))
}

/** The number of last blocks that `--layers` says; undefined for all. */
const lastBlocksOf = (layers: string): Effect.Effect<number | undefined, ConfigError> => {
  if (layers === "all") return Effect.succeed(undefined)
  const [, count] = /^last:(\d+)$/.exec(layers) ?? []
  return count === undefined
    ? Effect.fail(new ConfigError({ field: "--layers", value: JSON.stringify(layers), expected: "all, or last:N for the last N blocks" }))
    : Effect.succeed(Number(count))
}

/** The objectives that `--objectives` names; undefined for all. */
const objectivesOf = (given: string | undefined): Effect.Effect<ReadonlyArray<string> | undefined, ConfigError> => {
  const names = given?.split(",").map((name) => name.trim())
  return names?.every((name) => MODEL_OBJECTIVES.includes(name)) ?? true
    ? Effect.succeed(names)
    : Effect.fail(
      new ConfigError({
        field: "--objectives",
        value: JSON.stringify(given),
        expected: `names among ${MODEL_OBJECTIVES.join(", ")}, with commas`
      })
    )
}

/** The tables that `--by` asks for. */
const viewsOf = (by: string): Effect.Effect<ReadonlyArray<View>, ConfigError> => {
  const names = by === "" ? [] : by.split(",").map((name) => name.trim())
  const views = VIEWS.filter((view) => names.includes(view))
  return names.every((name) => VIEWS.some((view) => view === name))
    ? Effect.succeed(views)
    : Effect.fail(new ConfigError({ field: "--by", value: JSON.stringify(by), expected: "layer, weight, or layer,weight" }))
}

/** With a model the rollouts are differentiated through it. */
const modelFlags = {
  model: Flag.String("model").pipe(
    Flag.withDescription(
      "A pretrained language model (a folder, a GGUF file, or owner/name): differentiate the objectives through it, in place of reading log-probabilities"
    ),
    Flag.optional
  ),
  adapter: adapterFlag,
  checkpoint: Flag.String("checkpoint").pipe(
    Flag.withDescription(
      "A run's folder or a checkpoint of `train`: its model with its parameters; --model then names the base model if it has moved"
    ),
    Flag.optional
  ),
  parameters: Flag.Literals("parameters", ["lora", "all"]).pipe(
    Flag.withDescription(
      "With --model: the gradient over an untrained adapter of all layers, or over all weights; lora unless told, of a checkpoint what it trained"
    ),
    Flag.optional
  ),
  rank: Flag.Int("rank").pipe(Flag.withDescription("With --model: the adapter's rank; 16 unless told"), Flag.optional),
  objectives: Flag.String("objectives").pipe(
    Flag.withDescription(
      `With --model: which to differentiate, with commas between them, of ${MODEL_OBJECTIVES.join(", ")}; all unless told`
    ),
    Flag.optional
  ),
  layers: Flag.String("layers").pipe(
    Flag.withDescription("With --model: last:N for the gradient over the last N blocks alone, a cheaper approximation of that over all"),
    withDefault("all")
  ),
  reference: Flag.String("reference").pipe(
    Flag.withDescription("With --model: the model, run's folder or checkpoint whose log-probabilities a KL penalty holds on to"),
    Flag.optional
  ),
  bootstrap: Flag.Int("bootstrap").pipe(
    Flag.withDescription("With --model: resamples of prompts for the intervals; 0 for none"),
    withDefault(DEFAULT_ROUNDS)
  ),
  seed: Flag.Int("seed").pipe(Flag.withDescription("With --model: seed of the resamples"), withDefault(0)),
  by: Flag.String("by").pipe(
    Flag.withDescription("With --model: print the norms by layer, by weight (their kind), or both: layer,weight; --json always has them"),
    Flag.optional
  ),
  figure: Flag.String("figure").pipe(Flag.withDescription("With --model: a file to draw the norms in, .svg or .html"), Flag.optional),
  positions: Flag.Int("positions").pipe(
    Flag.withDescription("With --model: the most tokens of a prompt and its response; 1,024, or the model's context if that is less"),
    Flag.optional
  ),
  ...computedFlags("With --model")
}

/** Prints shares, sizes, growth and verdict of every objective; fails if no row could be read. */
export const attributeCommand = Command.make(
  "attribute",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription(
        "JSON Lines or one JSON array, gzip or not, or Parquet; - is standard input: logprobs, spans or tokens as texts, and where there are any ref_logprobs, old_logprobs, advantage or score; or a server's answers with log-probabilities"
      )
    ),
    gamma: Flag.Finite("gamma").pipe(Flag.withDescription("Discount a cycle"), withDefault(1)),
    beta: Flag.Finite("beta").pipe(Flag.withDescription("KL coefficient"), withDefault(1)),
    constant: Flag.Finite("constant").pipe(Flag.withDescription("DFT's implicit reward a token"), withDefault(1)),
    markers: sharedFlags.markers,
    parts: Flag.String("parts").pipe(
      Flag.withDescription("The sub-policies that the spans' `part` names, with commas between them: plan,execute,verify"),
      withDefault(TWO_STAGE.names.join())
    ),
    tables: Flag.Boolean("tables").pipe(
      Flag.withDescription("Print the Q tables of every row and objective as JSON Lines instead"),
      Flag.withDefault(false)
    ),
    json: jsonFlag(),
    ...modelFlags
  },
  Effect.fn(
    function* (
      {
        adapter,
        bootstrap,
        by,
        checkpoint,
        device,
        figure,
        file,
        json,
        layers,
        markers,
        model,
        objectives,
        parameters,
        parts,
        positions,
        products,
        rank,
        reference,
        seed,
        tables,
        workers,
        ...settings
      }
    ) {
      const checkedSettings = yield* checked(settings)
      if (Option.isSome(model) || Option.isSome(checkpoint)) {
        yield* onlyWith(
          { gamma: settings.gamma !== 1, constant: settings.constant !== 1, parts: parts !== TWO_STAGE.names.join(), tables },
          "no such flag with --model: gradients are of π_S and π_D, undiscounted, and without tables"
        )
        const views = yield* viewsOf(Option.getOrElse(by, () => ""))
        const titles = { title: "Gradient attribution", section: "Norms by objective and by layer" }
        const drawing = Option.isNone(figure) ? undefined : yield* figureFile(figure.value, [file], titles)
        const { attributeModel } = yield* Effect.promise(() => import("./AttributeModel.ts"))
        const report = yield* attributeModel({
          file,
          model: Option.getOrUndefined(model),
          checkpoint: Option.getOrUndefined(checkpoint),
          ...adapterField(adapter),
          parameters: Option.getOrUndefined(parameters),
          rank: Option.getOrUndefined(rank),
          reference: Option.getOrUndefined(reference),
          positions: Option.getOrUndefined(positions),
          beta: settings.beta,
          objectives: yield* objectivesOf(Option.getOrUndefined(objectives)),
          markers: Option.isNone(markers) ? [] : yield* readMarkers(markers),
          lastBlocks: yield* lastBlocksOf(layers),
          bootstrap: bootstrap === 0 ? undefined : { rounds: bootstrap, seed },
          computed: yield* computedOf({ device, products, workers })
        }).pipe(Effect.provide(progressLayer))
        if (drawing !== undefined) yield* drawing(modelAttributionFigure(report))
        return yield* Console.log(json ? jsonText(report) : modelAttributionText(report, views, outputWidth()))
      }
      yield* onlyWith(
        {
          adapter: Option.isSome(adapter),
          reference: Option.isSome(reference),
          positions: Option.isSome(positions),
          parameters: Option.isSome(parameters),
          rank: Option.isSome(rank),
          layers: layers !== "all",
          objectives: Option.isSome(objectives),
          by: Option.isSome(by),
          figure: Option.isSome(figure),
          bootstrap: bootstrap !== DEFAULT_ROUNDS,
          seed: seed !== 0
        },
        "--model or --checkpoint beside it"
      )
      const report = yield* attributeFile(
        file,
        checkedSettings,
        compileMarkers(yield* readMarkers(markers)),
        yield* partitionOf(parts),
        tables
      )
      if (report.rows === 0) {
        const [first] = report.badRows
        return yield* new FileError({
          file,
          problem: first === undefined ? "no rows" : `no row could be read; line ${first.line}: ${first.reason}`,
          advice: "A row needs logprobs (a number for every token), and spans or tokens as texts; see the guide on attribution"
        })
      }
      if (tables) return
      yield* Console.log(json ? jsonText(report) : attributionText(report, outputWidth()))
    }
  )
).pipe(
  Command.withDescription(
    "Attribute objectives to sampling and decision from rollouts: with token log-probabilities and without a model, or by a language model's own gradients"
  ),
  Command.withExamples([
    { command: "decision-sampling attribute rollouts.jsonl", description: "From log-probabilities that are there" },
    {
      command: "decision-sampling attribute --model HuggingFaceTB/SmolLM2-135M-Instruct rollouts.jsonl",
      description: "By a model's gradients"
    }
  ])
)
