/**
 * The best candidate of a stretch in which nothing is announced.
 *
 * @module
 */
import type { GraderService } from "../../domain/Grader.ts"
import { type Candidate, type Context, isBare } from "./Candidate.ts"
import { askedCandidate, closingCandidate } from "./Equations.ts"
import { emphasisedCandidate } from "./Standalone.ts"
import { concludedCandidate } from "./Statements.ts"

const NUMBERS: ReadonlySet<string> = new Set(["integer", "number"])

// Among steps of working, "x + 1 = 6" is no number that anybody puts forward.
const isOfKind = ({ kind }: GraderService, candidate: Candidate | undefined): candidate is Candidate =>
  candidate !== undefined &&
  (!NUMBERS.has(kind) || candidate.answer.startsWith("“") || !/[a-zA-Z=]/.test(candidate.answer.replace(/\\[a-zA-Z]+/g, "")))

/** The best of text[from, to) that nothing announces; of equals the last. `others` finds more of them. */
export const weakCandidate = (
  context: Context,
  from: number,
  to: number,
  others: () => ReadonlyArray<Candidate | undefined>
): Candidate | undefined => {
  const asked = askedCandidate(context, from, to)
  // The asked expression worked out at the end: nothing else can be better, or later.
  if (asked !== undefined && isBare(context.text, asked.end, to)) return asked
  let best = asked
  for (const each of [...others(), concludedCandidate(context, from, to), emphasisedCandidate(context, from, to)]) {
    if (!isOfKind(context.grader, each)) continue
    if (best === undefined || each.strength > best.strength || (each.strength === best.strength && each.end > best.end)) best = each
  }
  if (best !== undefined && best.strength >= 1) return best
  const closing = closingCandidate(context, from, to)
  return closing !== undefined && isOfKind(context.grader, closing) ? closing : best
}
