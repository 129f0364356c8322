/**
 * The grader of multiple choice: a letter, several letters, or an option's text.
 *
 * @module
 */
import type { Gold, GraderService, Value } from "../../domain/Grader.ts"
import { leadEnd } from "./Lead.ts"
import { withinWrapper, withoutMarkup } from "./Markup.ts"
import { decide, isMathematics, readMathematics } from "./mathematics/Decide.ts"
import { foldText, sameText, sentenceFrom } from "./Text.ts"

const A = 65

// "(B)", "[B]", "\text{(B)}", "B.", "B)", "option B", "B: the text"; several: "A, C and D".
const bracketed = /\s*(?:(?:[({[]|\\(?:text|textbf|mathrm|mathbf|boxed)\s*\{(?:\s+(?=[({[*$\\]))?|\*\*|\$)+\s*)?\(?([A-Za-z])\s*[)}\]*$]+/y
const bare = /\s*([A-Z])(?![\w'’])/y
const more = /\s*(?:,\s*(?:(?:and|or)\s+)?|(?:and|or|und|oder|et|ou|y|o|e|и|или)\s+|[和或]\s*|&\s*|\+\s*)\(?([A-Z])\)?(?![\w'’])/y
/** After a bare "A" or "I", a word goes on with a sentence. */
const goesOn = /\s+(?!(?:because|since|as|is|and|or|which|for|due|with|based|given|by|here|in)\b)[a-z]/y

const letters = (text: string, at: number, to: number): { readonly end: number; readonly answer: string } | undefined => {
  bracketed.lastIndex = at
  const [, inside] = bracketed.exec(text) ?? []
  let end = bracketed.lastIndex
  let first: string | undefined = inside
  if (first === undefined) {
    bare.lastIndex = at
    first = bare.exec(text)?.[1]
    end = bare.lastIndex
    if (first === undefined) return undefined
    goesOn.lastIndex = end
    if ((first === "A" || first === "I") && goesOn.test(text)) return undefined
  }
  // Bold and dollar signs that only close are not of the letter.
  while ("*$".includes(text[end - 1]!) && end > at + 1) end--
  if (end > to) return undefined
  const found = new Set([first.toUpperCase()])
  more.lastIndex = end
  for (let next = more.exec(text); next !== null && more.lastIndex <= to && found.size < 26; next = more.exec(text)) {
    found.add(next[1]!)
    end = more.lastIndex
  }
  return { end, answer: [...found].toSorted().join(",") }
}

/** "The answer is C" within a wrapper. */
const saidLetter = /\b(?:is|answer|option|choice)\b:?[\s*$]*\(?([A-Z])\)?$/

const wholeLetters = /^[A-Z](?:,[A-Z])*$/

/** "B", "b", "(B)", "A, C", "AC": the letters of a reference or of all of a text. */
const readLetters = (text: string): string | undefined => {
  const { end, start } = withoutMarkup(text, 0, text.length)
  const part = text.slice(start, end)
  if (/^[A-Za-z]$/.test(part)) return part.toUpperCase()
  if (/^[A-H]{2,6}$/.test(part) && new Set(part).size === part.length) return [...part].toSorted().join(",")
  const found = letters(part, 0, part.length)
  return found?.end === part.length ? found.answer : undefined
}

/** Before a letter in other languages: "la B", "die Option B", "a letra B", "选项B". */
const article =
  /(?:(?:la|le|el|il|a|o|die|der|das)\s+|l['’])?(?:(?:opción|option|Option|opzione|opção|letra|lettre|lettera|letter|Buchstabe|Antwort|réponse|respuesta|risposta|alternativa|вариант|буква|选项|選項)\s*)?(?=[\s(*$]{0,4}[A-J](?![\p{L}\d'’]))/uy

const value = (text: string, from: number, to: number, isWrapped: boolean): Value | undefined => {
  const said = leadEnd(text, from, to)
  if (said === undefined) return undefined
  article.lastIndex = said
  const lead = article.test(text) && article.lastIndex < to ? article.lastIndex : said
  const inside = withinWrapper(text, lead, to)
  if (inside !== undefined) return value(text, inside.start, inside.end, true)
  const whole = isWrapped ? withoutMarkup(text, lead, to) : undefined
  const all = whole === undefined || whole.end - whole.start > 40 ? undefined : readLetters(text.slice(whole.start, whole.end))
  if (whole !== undefined && all !== undefined) return { ...whole, answer: all }
  const found = letters(text, lead, to)
  if (found !== undefined) {
    const start = lead + text.slice(lead, found.end).search(/\S/)
    return { start, end: found.end, answer: found.answer }
  }
  const stated = whole === undefined ? null : saidLetter.exec(text.slice(whole.start, whole.end))
  if (whole !== undefined && stated !== null) {
    const start = whole.start + stated.index + stated[0].lastIndexOf(stated[1]!)
    return { start, end: start + 1, answer: stated[1]! }
  }
  const { end, start } = whole ?? sentenceFrom(text, lead, to)
  const answer = start >= end || end - start > 2_000 ? "" : foldText(text.slice(start, end))
  return answer === "" ? undefined : { start, end, answer: `"${text.slice(start, end)}"` }
}

const letterAt = (index: number): string => String.fromCharCode(A + index)

/** The letter of the option that says the same; undefined where none or several do. */
const optionOf = (choices: ReadonlyArray<string>, text: string): string | undefined => {
  const folded = foldText(text)
  const exact = choices.flatMap((choice, i) => (foldText(choice) === folded ? [letterAt(i)] : []))
  if (exact.length === 1) return exact[0]
  const loose = choices.flatMap((choice, i) => (sameText(foldText(choice), folded) ? [letterAt(i)] : []))
  if (loose.length === 1) return loose[0]
  const read = readMathematics(text)
  if (!/\d|\\/.test(text) || !isMathematics(read)) return undefined
  const equal = choices.flatMap((choice, i) => (decide(readMathematics(choice), read) === "Correct" ? [letterAt(i)] : []))
  return equal.length === 1 ? equal[0] : undefined
}

/**
 * The right letter: the reference is a letter, an option's text, or the index of an option from 0 (as data sets write it). An option's text
 * comes first, so that 3 among the options "2", "3", "4" is B.
 */
const goldLetter = ({ choices, text }: Gold): string | undefined => {
  const options = (choices ?? []).slice(0, 26)
  const known = options.length > 0 ? options.length : 26
  const letter = readLetters(text)
  if (letter !== undefined && letter.split(",").every((each) => each.charCodeAt(0) - A < known)) return letter
  const option = optionOf(options, text)
  if (option !== undefined) return option
  const index = /^\d{1,2}$/.test(text.trim()) ? Number(text) : Number.NaN
  return index < options.length ? letterAt(index) : undefined
}

/** Multiple choice. */
export const choice: GraderService = {
  kind: "choice",
  reference: (gold) => {
    const right = goldLetter(gold)
    const options = (gold.choices ?? []).slice(0, 26)
    return right === undefined ? undefined : {
      answer: right,
      check: (answer) => {
        const letter = wholeLetters.test(answer) ? answer : optionOf(options, answer.replace(/^"|"$/g, ""))
        if (letter === undefined) return options.length > 0 && answer !== "" ? "Wrong" : "Unparsable"
        return letter === right ? "Correct" : "Wrong"
      }
    }
  },
  value: (text, from, to, announcement) => value(text, from, to, announcement === "wrapped")
}
