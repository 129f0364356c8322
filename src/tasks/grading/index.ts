/**
 * How answers are read and checked, by their kinds.
 *
 * @module
 */
export { choice } from "./Choice.ts"
export { countdown } from "./CountdownAnswer.ts"
export { goldFrom } from "./GoldFrom.ts"
export {
  ANSWER_KINDS,
  type AnswerKind,
  booleanLayer,
  choiceLayer,
  countdownLayer,
  type Graded,
  graderFor,
  graderOf,
  GRADERS,
  integerLayer,
  mathematicsLayer,
  numberLayer,
  textLayer
} from "./Graders.ts"
export { mathematics } from "./Mathematics.ts"
export { integer, number } from "./Numbers.ts"
export { loadGrader, ownGraderLayer } from "./OwnGrader.ts"
export { boolean, foldText, text } from "./Text.ts"
