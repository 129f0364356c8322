/**
 * What `--help` says and how it looks: defaults in the descriptions of flags, examples, everything within the terminal's width.
 *
 * @module
 */
import { Option } from "effect"
import { CliOutput, Flag, type HelpDoc, Param } from "effect/cli"
import { beside, widthOf, wrap } from "./Layout.ts"

/** `--json`, of a command that prints `what`. */
export const jsonFlag = (what = "JSON"): Flag.Flag<boolean> =>
  Flag.Boolean("json").pipe(Flag.withDescription(`Print ${what}`), Flag.withDefault(false))

/** `Flag.withDefault`, and the description says so; given after it. What says "unless told" itself has no default here, but `Flag.optional`. */
export const withDefault = <const B extends string | number>(value: B) => <A>(flag: Flag.Flag<A>): Flag.Flag<A | B> => {
  const described = Option.match(Param.isSingle(flag) ? flag.description : Option.none(), {
    onNone: () => `Default: ${value}`,
    onSome: (text) => `${text} (default: ${value})`
  })
  return flag.pipe(Flag.withDescription(described), Flag.withDefault(value))
}

// So much room a description has beside a name, or it goes below it.
const LEAST_BESIDE = 34
const BELOW = 8

// The formatter's own indentation and gap, and how wide it lets the names' column become.
const INDENT = 2
const GAP = 4

const LISTED = /^(\S+)( {2,})(.+)$/

/** A description in lines of at most so many columns; a line of a list, a name and two spaces, has its text in a column of its own. */
const linesOf = (text: string, width: number): ReadonlyArray<string> =>
  text.split("\n").flatMap((line) => {
    const [, name, space, about] = LISTED.exec(line) ?? []
    const set = name === undefined ? wrap(line, width, 0) : beside(name, about!, name.length + space!.length, width)
    return set.split("\n")
  })

/** A description in lines that fit beside a column of names, continued there; below the name where the column leaves no room. */
const set = (text: string, from: number, width: number): string => {
  const isBeside = width - from >= LEAST_BESIDE
  const indent = isBeside ? from : BELOW
  const lines = linesOf(text, width - indent)
  const [first = "", ...rest] = isBeside ? lines : ["", ...lines]
  return [first, ...rest.map((line) => (line === "" ? "" : " ".repeat(indent) + line))].join("\n")
}

const fromOf = (names: ReadonlyArray<string>, most = Infinity) => {
  const column = Math.min(most, GAP + names.reduce((widest, name) => Math.max(widest, widthOf(name)), 0))
  return (name: string): number => INDENT + Math.max(column, widthOf(name) + 1)
}

const flagName = ({ aliases, name, type }: HelpDoc.FlagDoc): string =>
  [`--${name}`, ...aliases].join(", ") + (type === "boolean" ? "" : ` ${type}`)

const flagsWithin = (flags: ReadonlyArray<HelpDoc.FlagDoc>, width: number): ReadonlyArray<HelpDoc.FlagDoc> => {
  const from = fromOf(flags.map(flagName))
  return flags.map((flag) => ({ ...flag, description: Option.map(flag.description, (text) => set(text, from(flagName(flag)), width)) }))
}

const argumentName = ({ name, type, variadic }: HelpDoc.ArgDoc): string => `${name}${variadic ? "..." : ""} ${type}`

const ARGUMENTS_MOST = 25
const SUBCOMMANDS_MOST = 20

const within = (doc: HelpDoc.HelpDoc, width: number): HelpDoc.HelpDoc => {
  const args = doc.args ?? []
  const argumentsFrom = fromOf(args.map(argumentName), ARGUMENTS_MOST)
  return {
    ...doc,
    description: linesOf(doc.description, width - INDENT).join(`\n${" ".repeat(INDENT)}`),
    flags: flagsWithin(doc.flags, width),
    args: args.map((each) => ({
      ...each,
      description: Option.map(each.description, (text) => set(text, argumentsFrom(argumentName(each)), width))
    })),
    ...(doc.globalFlags === undefined ? {} : { globalFlags: flagsWithin(doc.globalFlags, width) }),
    ...(doc.subcommands === undefined ? {} : {
      subcommands: doc.subcommands.map((group) => {
        const from = fromOf(group.commands.map(({ name }) => name), SUBCOMMANDS_MOST)
        const [first, ...rest] = group.commands
        const fitted = (each: HelpDoc.SubcommandDoc): HelpDoc.SubcommandDoc => ({
          ...each,
          shortDescription: set(each.shortDescription ?? each.description, from(each.name), width)
        })
        return { ...group, commands: [fitted(first), ...rest.map(fitted)] as const }
      })
    })
  }
}

/** A list for a description: names and what there is to say of each. */
export const listed = (entries: ReadonlyArray<readonly [name: string, text: string]>): string => {
  const from = 2 + entries.reduce((most, [name]) => Math.max(most, name.length), 0)
  return entries.map(([name, text]) => name.padEnd(from) + text).join("\n")
}

/** The formatter of help for a screen of so many columns. The flags that every command has are told by the help of the program alone. */
export const helpFormatter = (width: number, colors: boolean): CliOutput.Formatter => {
  const base = CliOutput.defaultFormatter({ colors, globalFlags: "summary" })
  return {
    ...base,
    formatHelpDoc: (doc) => base.formatHelpDoc(within(doc, width)).split("\n").map((line) => line.trimEnd()).join("\n")
  }
}
