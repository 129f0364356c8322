/**
 * How answers are read and checked, by their kinds.
 *
 * @module
 */
export { type Answers, answersBy, answersOf, autoAnswers } from "./Answers.ts"
export { choice } from "./Choice.ts"
export { countdown } from "./CountdownAnswer.ts"
export { goldFrom } from "./GoldFrom.ts"
export { ANSWER_KINDS, type AnswerKind, type Graded, graderFor, graderOf, GRADERS } from "./Graders.ts"
export {
  booleanLayer,
  choiceLayer,
  countdownLayer,
  integerLayer,
  mathematicsLayer,
  numberLayer,
  ownGraderLayer,
  textLayer
} from "./Layers.ts"
export { mathematics } from "./Mathematics.ts"
export { integer, number } from "./Numbers.ts"
export { loadGrader } from "./OwnGrader.ts"
export { boolean, foldText, text } from "./Text.ts"
