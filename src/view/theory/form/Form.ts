/**
 * What a page of the theory lets its reader choose, and how it stands in the address: numbers in a range and choices from a list.
 *
 * @module
 */

/** A number that a slider and a field set. `name` is its parameter in the address. */
export interface Quantity {
  readonly name: string
  readonly label: string
  readonly least: number
  readonly most: number
  readonly initial: number
  /** The distance of the slider's places; the field takes numbers between them too, unless `isWhole`. */
  readonly step: number
  /** The slider's places where they are not evenly spaced, ascending. */
  readonly stops?: ReadonlyArray<number>
  readonly isWhole?: boolean
}

/** One of a list. */
export interface Choice {
  readonly name: string
  readonly label: string
  readonly options: ReadonlyArray<{ readonly id: string; readonly name: string }>
  readonly initial: string
}

/** All that a page lets choose. */
export interface Form {
  readonly quantities: ReadonlyArray<Quantity>
  readonly choices: ReadonlyArray<Choice>
}

/** A form's numbers by name. */
export type NumbersOf<F extends Form> = { readonly [Name in F["quantities"][number]["name"]]: number }

/** A form's choices by name. */
export type ChosenOf<F extends Form> = { readonly [C in F["choices"][number] as C["name"]]: C["options"][number]["id"] }

/** A form as an address fills it; `problems` says which parameters made no sense and what was taken in their place. */
export interface Filled<F extends Form> {
  readonly numbers: NumbersOf<F>
  readonly chosen: ChosenOf<F>
  readonly problems: ReadonlyArray<string>
}

/** The number that a text writes, if a quantity takes it. */
export const numberIn = ({ isWhole = false, least, most }: Quantity, text: string): number | undefined => {
  const value = /^\s*$/.test(text) ? Number.NaN : Number(text.replace(",", ".").replace("−", "-"))
  return value >= least && value <= most && (!isWhole || Number.isInteger(value)) ? value : undefined
}

/** Which numbers a quantity takes, in words. */
export const rangeOf = ({ isWhole = false, least, most }: Quantity): string =>
  `${isWhole ? "a whole number" : "a number"} from ${least} to ${most}`.replaceAll("-", "−")

/** Reads a form from parameters. */
export const fill = <const F extends Form>(form: F, params: URLSearchParams): Filled<F> => {
  const problems: Array<string> = []
  const numbers = form.quantities.map((quantity) => {
    const text = params.get(quantity.name)
    const value = text === null ? quantity.initial : numberIn(quantity, text)
    if (value === undefined) {
      problems.push(`${quantity.name} is ${JSON.stringify(text)}, expected ${rangeOf(quantity)}: ${quantity.initial} is taken`)
    }
    return [quantity.name, value ?? quantity.initial] as const
  })
  const chosen = form.choices.map(({ initial, name, options }) => {
    const text = params.get(name)
    const option = options.find(({ id }) => id === (text ?? initial))
    if (option === undefined) {
      problems.push(`${name} is ${JSON.stringify(text)}, expected one of ${options.map(({ id }) => id).join(", ")}: ${initial} is taken`)
    }
    return [name, option?.id ?? initial] as const
  })
  return { numbers: Object.fromEntries(numbers) as NumbersOf<F>, chosen: Object.fromEntries(chosen) as ChosenOf<F>, problems }
}

/** Writes a filled form as parameters of a page, all values of it, with some changed. */
export const paramsWith = <F extends Form>(
  page: string,
  { chosen, numbers }: Pick<Filled<F>, "chosen" | "numbers">,
  changes: Readonly<Record<string, number | string>> = {}
): URLSearchParams => {
  const params = new URLSearchParams({ page })
  for (const [name, value] of Object.entries<number | string>({ ...numbers, ...chosen, ...changes })) params.set(name, String(value))
  return params
}

/** The slider's place of a value: the nearest of its stops. */
export const placeAmong = (stops: ReadonlyArray<number>, value: number): number => {
  let best = 0
  stops.forEach((stop, place) => {
    if (Math.abs(stop - value) < Math.abs(stops[best]! - value)) best = place
  })
  return best
}

/** Powers of two with the halfway numbers between, for lengths: 1, 2, 3, 4, 6, 8, 12, … up to `most`. */
export const lengthStops = (most: number): ReadonlyArray<number> => {
  const stops: Array<number> = [1]
  for (let power = 2; power <= most; power *= 2) stops.push(power, ...(power * 1.5 <= most ? [power * 1.5] : []))
  return stops
}
