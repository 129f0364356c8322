/**
 * Words and markup before a value: "approximately", "equal to", "**", "the number"; and the phrases after which it is said again.
 *
 * @module
 */

const said = [
  "approximately|approx\\.?|about|around|roughly|nearly|exactly|precisely|equal(?:s|ling)?(?: to)?|given by|just|simply|only|now|still|indeed|thus|therefore|then|actually",
  "clearly|obviously|again|also|always|namely|of|in fact|found to be|either|a total of|in total|another|(?:the )?(?:number|value|integer|fraction|expression|point|interval|set|letter|ordered pair|pair)",
  "also|somit|demnach|folglich|daher|damit|genau|etwa|ungefähr|donc|alors|ainsi|bien|exactement|environ|entonces|pues|por (?:lo )?tanto|exactamente",
  "aproximadamente|portanto|então|assim|exatamente|quindi|dunque|perciò|esattamente|circa|значит|следовательно|ровно|примерно|dus|ongeveer|约|大约|就是|约为",
  "(?:the )?(?:option|choice)|(?:US|A|C)\\$|USD|EUR|Rs\\.?"
].join("|")
const lead = new RegExp(
  String
    .raw`\s+|\*+|_+(?=[\s*:\d])|[:≈~"'“”«»‘’\x60#>]|=(?!=)|\\approx(?![a-zA-Z])|\\displaystyle(?![a-zA-Z])|\\[,;:! ]|(?:${said})(?![\w-])`,
  "iy"
)
const denied = /(?:not|n't|never|no longer|neither)\b/iy

/** More words than this before a value are a sentence of their own. */
const MOST_LEADS = 12

/** Where a value may begin after what leads up to it; undefined where it is denied ("not 418"). */
export const leadEnd = (text: string, from: number, to: number): number | undefined => {
  let at = from
  for (let i = 0; i < MOST_LEADS; i++) {
    lead.lastIndex = at
    if (at >= to || !lead.test(text)) break
    at = lead.lastIndex
  }
  denied.lastIndex = at
  return denied.test(text) || at >= to ? undefined : at
}

const again =
  /(?:\bnamely|\bi\.\s?e\.|\bthat is|\bwhich (?:is|equals|gives|makes|comes to|simplifies to)|\bequals|\bequal to|\bor simply|(?<![!<>])=|≈)(?![\w=])[,:]?/gi

/** A value is said again within this many characters. */
const WITHIN = 200

/** Where a value is said (again), on the same line and in the same sentence: after "namely", "i.e.", "which is", "="; in order. */
export const saidAgain = (text: string, from: number, to: number): ReadonlyArray<number> => {
  const [part = ""] = text.slice(from, Math.min(to, from + WITHIN)).split("\n", 1)
  const stop = part.search(/[.!?](?:\s|$)(?<!\bi\.\s?e\.\s?)/)
  const sentence = stop < 0 ? part : part.slice(0, stop)
  return [...sentence.matchAll(again)].map((found) => from + found.index + found[0].length)
}
