/**
 * What is asked, and how an answer is read and checked.
 *
 * @module
 */
export * as Addition from "./Addition.ts"
export { ArithmeticTaskConfig } from "./ArithmeticTask.ts"
export * as Countdown from "./Countdown.ts"
export { readExpression } from "./Expression.ts"
export type { Expression } from "./Expression.ts"
export { checkNumeral } from "./grading/CheckNumeral.ts"
export * as Grading from "./grading/index.ts"
export * as Multiplication from "./Multiplication.ts"
export * as Problems from "./Problems.ts"
export * as Reading from "./reading/index.ts"
export { normalizeNumeral, parseNumeral } from "./reading/Numeral.ts"
export { formatResponse, REVISION_MARKERS } from "./reading/RevisionMarkers.ts"
export { askedExpression, statedProduct } from "./StatedProduct.ts"
export type { AskedExpression, StatedProduct } from "./StatedProduct.ts"
export * as TaskSpec from "./TaskSpec.ts"
