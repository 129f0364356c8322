/**
 * `calibrate --by step`: a run of reinforcement learning over training, at once or while it goes on.
 *
 * @module
 */
import { Console, Duration, Effect, Option, Stream } from "effect"
import { Flag } from "effect/cli"
import { ConfigError, FileError } from "../../domain/Errors.ts"
import type { FigureError } from "../../eval/figures/Figure.ts"
import { stepsFigure } from "../../eval/figures/StepsFigure.ts"
import { MOST_POINTS } from "../../eval/figures/TrainingFigure.ts"
import { calibrateSteps, followSteps } from "../../eval/transcripts/steps/CalibrateSteps.ts"
import type { StepsCalibration } from "../../eval/transcripts/steps/StepsCalibration.ts"
import { figureFile } from "../report/FigureFile.ts"
import { layOut, outputWidth, wrap } from "../Layout.ts"
import { filesOptions, namingFlags, type SharedFlags } from "./Options.ts"
import { MOST_ROWS, stepHead, stepLine, stepsText } from "./StepsText.ts"
import { jsonText } from "../JsonText.ts"

/** The flags. */
export const stepsFlags = {
  by: Flag.Literals("by", ["step"]).pipe(
    Flag.withDescription(
      "Calibrate a run step by step, from the folder that its trainer writes rollouts to: what moved, sampling or deciding?"
    ),
    Flag.optional
  ),
  every: Flag.Int("every").pipe(
    Flag.withDescription("With --by step: the first step, and those that are multiples of this"),
    Flag.optional
  ),
  window: Flag.Int("window").pipe(
    Flag.withDescription("With --by step: pool so many steps in a row, 1 to K, K + 1 to 2K, …"),
    Flag.optional
  ),
  figure: Flag.String("figure").pipe(Flag.withDescription("With --by step: draw it to this file, .svg or .html"), Flag.optional),
  follow: Flag.Boolean("follow").pipe(
    Flag.withDescription(
      "With --by step: wait for further steps and print a line for each (JSON Lines with --json); Ctrl-C ends with the findings"
    ),
    Flag.withDefault(false)
  ),
  until: Flag.Int("until").pipe(Flag.withDescription("With --follow: end by itself when this step is there"), Flag.optional),
  poll: Flag.Finite("poll").pipe(
    Flag.withDescription("With --follow: seconds between two looks at the files; 10 unless told"),
    Flag.optional
  )
}

/** The values of the flags. */
export interface StepsFlags {
  readonly by: Option.Option<"step">
  readonly every: Option.Option<number>
  readonly window: Option.Option<number>
  readonly figure: Option.Option<string>
  readonly follow: boolean
  readonly until: Option.Option<number>
  readonly poll: Option.Option<number>
}

const DEFAULT_POLL = 10
const LEAST_POLL = 0.05

const refused = (field: string, value: unknown, expected: string): ConfigError => new ConfigError({ field, value: String(value), expected })

/** Fails where a flag is given that another one needs, or leaves no place for. */
export const assertSteps = (
  { by, every, figure, follow, poll, until, window }: StepsFlags,
  others: Readonly<Record<string, boolean>>
): Effect.Effect<void, ConfigError> => {
  if (Option.isNone(by)) {
    const ofSteps = { every: Option.isSome(every), window: Option.isSome(window), figure: Option.isSome(figure), follow }
    const given = Object.entries({ ...ofSteps, until: Option.isSome(until), poll: Option.isSome(poll) }).find(([, is]) => is)
    return given === undefined ? Effect.void : Effect.fail(refused(`--${given[0]}`, "given", "--by step beside it"))
  }
  const other = Object.entries(others).find(([, is]) => is)
  if (other !== undefined) return Effect.fail(refused(`--${other[0]}`, "given with --by step", "one of the two"))
  if (!follow && Option.isSome(until)) return Effect.fail(refused("--until", until.value, "--follow beside it"))
  if (!follow && Option.isSome(poll)) return Effect.fail(refused("--poll", poll.value, "--follow beside it"))
  if (Option.isSome(poll) && !(poll.value >= LEAST_POLL)) return Effect.fail(refused("--poll", poll.value, `${LEAST_POLL} seconds or more`))
  return Effect.void
}

// Numbers that rest on nothing must not pass for a result where a script looks at the exit code alone.
const assertUsable = (files: ReadonlyArray<string>, { steps }: StepsCalibration): Effect.Effect<void, FileError> =>
  steps.some(({ overall }) => overall.pSample.value !== null)
    ? Effect.void
    : Effect.fail(
      new FileError({
        file: files.join(", "),
        problem: "no step has a response that could be used",
        advice: "See one of them with calibrate --explain 1; where rows have no reference but a verdict, --score-field names its field"
      })
    )

const followed = Effect.fnUntraced(function* (
  files: ReadonlyArray<string>,
  options: Parameters<typeof followSteps>[1] & object,
  isJson: boolean,
  draw: (run: StepsCalibration) => Effect.Effect<void, FileError | FigureError>
) {
  let known: StepsCalibration | undefined
  let hasHead = false
  let isWaiting = false
  const said = new Set<string>()
  const findings = Effect.suspend(() => {
    if (known === undefined || known.steps.length === 0) return Console.error("No step came.")
    return Console.log(isJson ? jsonText({ findings: known.findings }, 0) : layOut(["", ...known.findings.sentences], outputWidth()))
  })
  yield* followSteps(files, options).pipe(
    Stream.runForEach(Effect.fnUntraced(function* ({ calibration, rows }) {
      known = calibration
      if (calibration.steps.length === 0 && !isWaiting) {
        isWaiting = true
        yield* Console.error(`Waiting for the first step in ${files.join(", ")}`)
        // What was found and is of no use is said at once.
        for (const sentence of calibration.findings.sentences) yield* Console.error(wrap(sentence, outputWidth()))
      }
      for (const { file, line, reason } of calibration.badRows.slice(0, 10)) {
        const place = `${file}:${line}`
        if (!said.has(place)) yield* Console.error(`${place}: ${reason}`)
        said.add(place)
      }
      if (!isJson && !hasHead && rows.length > 0) {
        hasHead = true
        yield* Console.log(stepHead(calibration.steps[0]!, outputWidth()))
      }
      for (const row of rows) yield* Console.log(isJson ? jsonText(row, 0) : stepLine(row, outputWidth()))
      if (rows.length > 0) yield* draw(calibration)
    })),
    Effect.onInterrupt(() => findings)
  )
  yield* findings
})

/** The command's work where `--by step` is given. */
export const bySteps = Effect.fn("BySteps.bySteps")(function* (
  files: ReadonlyArray<string>,
  { every, figure, follow, poll, until, window, ...flags }: StepsFlags & SharedFlags & { readonly json: boolean }
) {
  const drawing = Option.isNone(figure)
    ? undefined
    : yield* figureFile(figure.value, files, {
      title: "Sampling or deciding, over training",
      section: "Rates, accuracy and gain at each step"
    })
  const draw = (run: StepsCalibration) =>
    drawing === undefined ? Effect.void : drawing(stepsFigure({ id: "steps", label: files.join(", "), run }))
  const { json } = flags
  // What nobody will see is not computed.
  const most = json ? undefined : drawing === undefined ? MOST_ROWS : MOST_POINTS
  const { onProgress, ...shared } = yield* filesOptions(flags)
  const options = {
    ...shared,
    ...(follow ? {} : { onProgress }),
    ...(most === undefined ? {} : { most }),
    ...(Option.isSome(every) ? { every: every.value } : {}),
    ...(Option.isSome(window) ? { window: window.value } : {})
  }
  if (follow) {
    yield* shared.onRead({ badRowCount: 0, badRows: [], files: [] })
    return yield* followed(
      files,
      {
        ...options,
        poll: Duration.seconds(Option.getOrElse(poll, () => DEFAULT_POLL)),
        ...(Option.isSome(until) ? { until: until.value } : {})
      },
      json,
      draw
    ).pipe(Effect.mapError(namingFlags))
  }
  const run = yield* calibrateSteps(files, options).pipe(Effect.mapError(namingFlags))
  yield* draw(run)
  yield* Console.log(json ? jsonText(run) : stepsText(run, outputWidth()))
  yield* assertUsable(files, run)
})
