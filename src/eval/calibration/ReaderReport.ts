/**
 * What there is to say of a model that read the responses: how much it read, what of that did not stand in the texts, and how it agrees with
 * the rules.
 *
 * @module
 */
import { Schema } from "effect"

const Share = Schema.Struct({ agree: Schema.Int, of: Schema.Int })

/** A model's reading and the rules' of the same responses. */
export const ReaderAgreement = Schema.Struct({
  /** The responses that were held against each other. */
  responses: Schema.Int,
  /** Candidates in both readings: the same value in attempts that overlap; and those in one only. */
  both: Schema.Int,
  onlyModel: Schema.Int,
  onlyRules: Schema.Int,
  /** Decisions after candidates in both. */
  decisions: Share,
  /** Responses with an attempt in either reading: whether the first answer is right in both, or wrong in both. */
  firstAnswers: Share
})

/** A model's reading and the rules' of the same responses. */
export type ReaderAgreement = typeof ReaderAgreement.Type

/** A model as reader. */
export const ReaderReport = Schema.Struct({
  model: Schema.String,
  /** Responses that were to be read; those that bring their attempts, are empty or have no usable reference are not. */
  responses: Schema.Int,
  /** Those among them that the model was asked about now, and those that its cache knew. */
  asked: Schema.Int,
  cached: Schema.Int,
  /** Listed candidates that do not occur in their text in this order, and those that are no value of the kind: both were dropped. */
  invented: Schema.Int,
  unread: Schema.Int,
  /** Responses that were read by the rules: the model gave no list, or nothing in it stands in the text. */
  fellBack: Schema.Int,
  /** On all responses that the model read, or a seeded sample of them. */
  agreement: ReaderAgreement
})

/** A model as reader. */
export type ReaderReport = typeof ReaderReport.Type

const shareOf = ({ agree, of }: ReaderAgreement["decisions"]): string =>
  of === 0 ? "none to compare" : `${agree} of ${of} (${((100 * agree) / of).toFixed(1)} %)`

/** Says it in words. */
export const readerWords = ({ agreement, asked, cached, fellBack, invented, model, responses, unread }: ReaderReport): string => {
  const hasNothing = fellBack > 0 && fellBack === responses
  const dropped = invented + unread === 0
    ? hasNothing ? "none of its answers was a list of candidates" : "every candidate that it listed stands in its text"
    : `of the candidates that it listed ${invented} did not stand in their text and ${unread} were no value of the kind; they were dropped`
  const { both, decisions, firstAnswers, onlyModel, onlyRules, responses: compared } = agreement
  const held = compared === 0
    ? "Its reading could be held against the rules nowhere."
    : `Held against the rules on ${
      compared === responses - fellBack ? `all ${compared}` : `a sample of ${compared}`
    }: ${both} candidates in ` +
      `both, ${onlyModel} only in the model's reading, ${onlyRules} only in the rules'; the same decisions in ${
        shareOf(decisions)
      }, first ` +
      `answers equally right or wrong in ${shareOf(firstAnswers)}.`
  const begins = hasNothing ? "THE MODEL READ NOTHING. " : ""
  return `${begins}Candidates were listed by ${model} (${responses} responses, ${asked} asked about now, ${cached} known from before): ${dropped}. ` +
    `${fellBack === 0 ? "No response" : `${fellBack} of ${responses} responses`} had to be read by the rules. ${held}`
}
