/**
 * Equations and inequalities: what they only call by a name, the value that they end in, the interval that they mean.
 *
 * @module
 */
import { lettersOf } from "./Evaluate.ts"
import type { Node, Relation } from "./Node.ts"

/** Says whether nothing is computed with numbers: "AB", "|AB|", "x+y", "\frac{NO}{BO}" are names of a value, "2x" and "x^2" are not. */
const hasNumber = (node: Node): boolean =>
  node.kind === "number" || node.kind === "base" || ("parts" in node && node.parts.some(hasNumber)) ||
  ("part" in node && hasNumber(node.part)) ||
  ("left" in node && (hasNumber(node.left) || hasNumber(node.right)))

/** "f(2)", "P(3)". */
const isApplied = (node: Node): boolean =>
  node.kind === "product" && node.parts.length === 2 && node.parts[0]!.kind === "variable" && /^[f-hA-Z]/.test(node.parts[0]!.name)

/** What may stand before the equals sign of a closed value. */
const isCalled = (node: Node): boolean => isName(node) || isApplied(node) || (lettersOf(node).size > 0 && !hasNumber(node))

/** "x", "f(x)", "(x, y)": what a value is only called. */
export const isName = (node: Node): boolean =>
  node.kind === "variable" || (node.kind === "tuple" && node.parts.every(isName)) ||
  (node.kind === "product" && node.parts.length === 2 && node.parts[0]!.kind === "variable" && isName(node.parts[1]!))

/** The value of "x = 5", "5 = x", "34 * 12 = 408"; undefined for an equation that says something else. */
export const valueOf = (node: Node): Node | undefined => {
  if (node.kind !== "relation") return node
  if (node.signs.length === 1 && node.signs[0] === "\\in") return isName(node.parts[0]!) ? node.parts[1] : undefined
  if (!node.signs.every((sign) => sign === "=" || sign === "\\approx")) return undefined
  const last = node.parts.at(-1)!
  if (isName(last) && lettersOf(node.parts[0]!).size === 0) return node.parts[0]
  const before = node.parts.slice(0, -1)
  const isClosed = lettersOf(last).size === 0
  return isName(before[0]!) || (isClosed && (isCalled(before[0]!) || before.every((part) => lettersOf(part).size === 0))) ? last : undefined
}

/** Relations read from the right. */
export const flipped: Readonly<Partial<Record<Relation, Relation>>> = { "<": ">", ">": "<", "\\leq": "\\geq", "\\geq": "\\leq" }

/** "2 < x \leq 5" as the interval (2, 5]; undefined for what is none. */
export const intervalOf = (node: Node): Node | undefined => {
  if (node.kind !== "relation" || !node.signs.every((sign) => flipped[sign] !== undefined)) return undefined
  const isRising = node.signs.every((sign) => sign === "<" || sign === "\\leq")
  const isFalling = node.signs.every((sign) => sign === ">" || sign === "\\geq")
  if (!isRising && !isFalling) return undefined
  const parts = isRising ? node.parts : node.parts.toReversed()
  const signs = isRising ? node.signs : node.signs.toReversed().map((sign) => flipped[sign]!)
  const at = parts.findIndex(isName)
  if (at < 0 || parts.some((part, i) => i !== at && lettersOf(part).size > 0) || parts.length > 3 || (parts.length === 3 && at !== 1)) {
    return undefined
  }
  const infinity: Node = { kind: "constant", name: "infinity" }
  return {
    kind: "tuple",
    open: at === 0 || signs[at - 1] === "<" ? "(" : "[",
    close: at === parts.length - 1 || signs[at] === "<" ? ")" : "]",
    parts: [parts[at - 1] ?? { kind: "negative", part: infinity }, parts[at + 1] ?? infinity]
  }
}

/** Left side less right side. */
export const difference = ({ parts }: Node & { readonly kind: "relation" }): Node => ({
  kind: "sum",
  parts: [parts[0]!, { kind: "negative", part: parts[1]! }]
})

/** What an inequality says is positive. */
export const positive = (node: Node & { readonly kind: "relation" }): Node | undefined => {
  const [sign] = node.signs
  if (node.signs.length !== 1 || sign === undefined || flipped[sign] === undefined) return undefined
  return difference(sign === ">" || sign === "\\geq" ? node : { ...node, parts: node.parts.toReversed() })
}

/** Says whether an inequality leaves equality out. */
export const isStrict = ({ signs }: Node & { readonly kind: "relation" }): boolean => signs[0] === "<" || signs[0] === ">"
