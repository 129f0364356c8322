/**
 * Settings of another tool, each with where its value is from.
 *
 * @module
 */

/** Where a value is from: the paper's appendix E, the tool's own default, a configuration file, or us. */
export type Origin = "paper" | "default" | "config" | "ours"

/** A setting by the tool's own name. */
export interface Setting {
  readonly name: string
  readonly value: string | number | boolean | ReadonlyArray<string>
  readonly origin: Origin
  /** Where in the paper, or why it is ours. */
  readonly note: string
  /** `$HERE` and `$GPUS` in the value are the run script's variables; anywhere else a dollar is a dollar. */
  readonly hasVariables?: true
}

const WORDS: Readonly<Record<Origin, (tool: string) => string>> = {
  paper: () => "the paper",
  default: (tool) => `${tool}'s default`,
  config: () => "your configuration",
  ours: () => "ours"
}

const cell = (text: string): string => text.replaceAll("|", "\\|")

/** A table of settings in Markdown. */
export const settingsTable = (tool: string, settings: ReadonlyArray<Setting>): string =>
  [
    "| Setting | Value | From | |",
    "| --- | --- | --- | --- |",
    ...settings.map(({ name, note, origin, value }) =>
      `| \`${cell(name)}\` | \`${cell(typeof value === "object" ? value.join(", ") : String(value))}\` | ${WORDS[origin](tool)} | ${
        cell(note)
      } |`
    )
  ].join("\n")
