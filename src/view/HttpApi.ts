/**
 * The page's questions over HTTP, to the server that it came from.
 *
 * @module
 */
import type { Api, Filter, Problem } from "./Api.ts"
import { setParams } from "./FilterParams.ts"

/** A question that has no answer. */
export class ApiError extends Error implements Problem {
  readonly problem: string
  readonly advice: string
  constructor({ advice, problem }: Problem) {
    super(problem)
    this.problem = problem
    this.advice = advice
  }
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === "object" && value !== null && "problem" in value && typeof value.problem === "string" && "advice" in value &&
  typeof value.advice === "string"

const GONE: Problem = {
  problem: "the program does not answer",
  advice: "Is decision-sampling view still running? Start it again and reload"
}

const TOO_LONG: Problem = { problem: "The filter is too long for an address", advice: "Take a part of it away" }

const ask = async <A>(path: string, params: URLSearchParams = new URLSearchParams()): Promise<A> => {
  const query = params.toString()
  const response = await fetch(`api/${path}${query === "" ? "" : `?${query}`}`).catch(() => {
    throw new ApiError(GONE)
  })
  if (response.status === 431) throw new ApiError(TOO_LONG)
  const body = await response.json().catch(() => GONE) as unknown
  if (!response.ok) throw new ApiError(isProblem(body) ? body : GONE)
  return body as A
}

const withFilter = (
  set: string,
  filter: Filter,
  more: Readonly<Record<string, number>> = {}
): URLSearchParams => {
  const params = setParams(set, filter)
  for (const [name, value] of Object.entries(more)) params.set(name, String(value))
  return params
}

/** The server's answers. */
export const httpApi: Api = {
  overview: () => ask("overview"),
  metrics: (run) => ask("metrics", new URLSearchParams({ run })),
  rows: (set, filter, from, count) => ask("rows", withFilter(set, filter, { from, count })),
  row: (set, row, from = 0) => ask("row", new URLSearchParams({ set, row: String(row), from: String(from) })),
  calibration: (set, filter) => ask("calibration", withFilter(set, filter)),
  compare: (from, to) => ask("compare", new URLSearchParams({ from, to })),
  results: (id) => ask("results", new URLSearchParams({ id })),
  comparison: (id) => ask("comparison", new URLSearchParams({ id })),
  follow: (onNews) => {
    const source = new EventSource("api/events")
    source.addEventListener("message", ({ data }) => onNews(Number(data)))
    return () => source.close()
  }
}
