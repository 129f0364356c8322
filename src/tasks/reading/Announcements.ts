/**
 * The words by which a text says that a value follows: an answer ("the answer is …", "答案是 …"), a result ("the total is …"), or a conclusion
 * ("So …"). Plain data, in the languages of the lexicon.
 *
 * @module
 */

const words = (text: string): ReadonlyArray<string> => text.split(" ")

// After the word: what it answers, then a link. "The answer to 12 × 34 is", "**Answer**:", "answer =", "answer should therefore be".
const adverbs = String
  .raw`(?:[\s*_]*(?:therefore|thus|then|hence|indeed|also|still|again|now|actually|simply|just|clearly|finally|also|really)\b,?)*`
const english = (links: string): RegExp => new RegExp(String.raw`[^.\n=:?]{0,80}?(?:\b(?:${links})\b${adverbs}|:|=|→|⇒|->)`, "iy")
const linked = (links: string): RegExp =>
  new RegExp(String.raw`[^.\n=:?。]{0,60}?(?:(?<![\p{L}\d])(?:${links})(?![\p{L}\d])|:|：|=|→|—|–)`, "iuy")

const IS = "is|are|be|was|equals?|becomes?"

/** Words for the answer itself, by the first word in lower case without marks of apostrophe or hyphen; the expression begins after it. */
export const ANSWER_WORDS: ReadonlyMap<string, RegExp> = new Map([
  ["answer", english(`${IS}|comes\\s+out\\s+(?:to|as)`)],
  ["answers", english(IS)],
  ["ans", /[\s*_]*[:=]/iy],
  // "The correct option is": see NEEDS_RIGHT.
  ["option", english(IS)],
  ["choice", english(IS)],
  ["antwort", linked("ist|lautet|beträgt|wäre")],
  ["endergebnis", linked("ist|lautet|beträgt")],
  ["réponse", linked("est|serait")],
  ["reponse", linked("est|serait")],
  ["respuesta", linked("es|sería|son")],
  ["resposta", linked("é|seria|são")],
  ["risposta", linked("è|sarebbe|sono")],
  ["ответ", linked("равен|это|будет|равна|равно")],
  ["ответом", linked("является|будет")],
  ["antwoord", linked("is|luidt")],
  ["odpowiedź", linked("to|brzmi|wynosi")],
  ["svar", linked("är|er")],
  ["svaret", linked("är|er")],
  ["cevap", linked("olur")],
  ["đáp", /\s+(?:án|số)[^.\n=:]{0,40}?(?:là|:|=)/iy]
])

/** Words that mean the answer only where it is called right. */
export const NEEDS_RIGHT: ReadonlySet<string> = new Set(["option", "choice"])

/** The words before them that call it so. */
export const CALLED_RIGHT = /\b(?:correct|right|best|final|proper)\s+(?:answer\s+)?$/iu

/** The same in scripts without spaces: the expression begins at the first character, which is the key. */
export const ANSWER_SIGNS: ReadonlyMap<string, RegExp> = new Map([
  ["答", /答(?:案|え|複)?(?:应该|應該|应|應|就|便)?(?:是|为|為|は|等于|等於)?[\s*_]*(?:[:：＝=]|(?<=[是为為は于於]))/y],
  ["正", /正(?:解|确选项|確選項)(?:应该|應該)?(?:是|为|為|は)?[\s*_]*(?:[:：]|(?<=[是为為は]))/y],
  ["解", /解答(?:是|为|為|は)?[\s*_]*(?:[:：]|(?<=[是为為は]))/y],
  ["정", /정답[\s*_]*(?:은|는|이|:|：)/y],
  ["답", /답[\s*_]*(?:은|는|:|：)/y]
])

/** Words for what the whole comes to, by the same rule; also a conclusion that has one is about the whole. */
export const RESULT_WORDS: ReadonlyMap<string, RegExp> = new Map([
  ...["total", "sum", "product", "result", "difference", "quotient", "value", "solution", "solutions", "roots", "output"].map((word) =>
    [word, english(IS)] as const
  ),
  ...["ergebnis", "summe", "produkt", "lösung", "gesamtzahl", "differenz"].map((word) =>
    [word, linked("ist|lautet|beträgt|sind")] as const
  ),
  ...["résultat", "somme", "produit", "solution"].map((word) => [word, linked("est|is|are|be")] as const),
  ...["resultado", "suma", "producto", "soma", "produto", "solución", "solução"].map((word) => [word, linked("es|é|son|são")] as const),
  ...["risultato", "totale", "somma", "prodotto", "soluzione"].map((word) => [word, linked("è|sono")] as const),
  ...["результат", "сумма", "произведение", "итого", "итог", "разность"].map((word) => [word, linked("равен|равна|равно|это")] as const)
])

/** The same in scripts without spaces. */
export const RESULT_SIGNS: ReadonlyMap<string, RegExp> = new Map([
  ["结", /结果(?:是|为|等于|应该是)?[\s*_]*(?:[:：=]|(?<=[是为于]))/y],
  ["結", /結(?:果|論)(?:是|為|は|等於)?[\s*_]*(?:[:：=]|(?<=[是為は於]))/y],
  ["总", /总(?:数|和|共|计)(?:是|为|有)?[\s*_]*[:：]?/y],
  ["加", /加起来(?:就)?(?:是|等于|为|得)[\s*_]*[:：]?/y],
  ["一", /一共(?:是|有|为)?[\s*_]*[:：]?/y],
  ["合", /合計(?:は|で)?[\s*_]*[:：]?/y],
  ["결", /결과(?:는|은|:|：)/y]
])

/** Words that open a conclusion, at the beginning of a sentence. */
export const CONCLUSION_WORDS: ReadonlySet<string> = new Set([
  ...words("so thus hence therefore consequently altogether finally overall ergo accordingly together giving meaning"),
  ...words("daher somit folglich insgesamt damit demnach zusammen deshalb"),
  ...words("donc ainsi finalement"),
  ...words("entonces luego así portanto logo assim quindi dunque perciò pertanto"),
  ...words("значит итак следовательно итого поэтому dus")
])

/** Pairs of words that do so. */
export const CONCLUSION_PAIRS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["that", new Set(["makes", "gives", "leaves", "means"])],
  ["this", new Set(["makes", "gives", "leaves", "means"])],
  ["which", new Set(["makes", "gives", "leaves"])],
  ["we", new Set(["get", "obtain", "find", "arrive", "conclude"])],
  ["in", new Set(["total", "conclusion", "all"])],
  ["en", new Set(["total", "tout", "conclusión"])],
  ["por", new Set(["lo", "tanto", "consiguiente"])],
  ["au", new Set(["total"])],
  ["par", new Set(["conséquent"])],
  ["em", new Set(["total"])]
])

/** Conclusions in scripts without spaces, by their first character. */
export const CONCLUSION_SIGNS: ReadonlyMap<string, RegExp> = new Map([
  ["所", /所以/y],
  ["因", /因此|因而/y],
  ["故", /故/y],
  ["综", /综上/y],
  ["し", /したがって/y],
  ["よ", /よって/y],
  ["つ", /つまり/y],
  ["따", /따라서/y],
  ["그", /그러므로|그래서/y]
])

/** Words after which the value of a conclusion stands; of several the last. */
export const LINK_WORDS: ReadonlySet<string> = new Set([
  ...words("leaving giving making totaling totalling so thus hence therefore"),
  ...words("its thats theres by after say stick covers holds contains earned reach reaches weighs measures"),
  ...words("is are was were be equals equal get gets got has have had makes make gives give gave"),
  ...words("pays pay paid costs cost earns earn needs need takes take leaves remain remains totals total"),
  ...words("obtain find conclude sells sold makes made received receives spends spent saves saved becomes"),
  ...words("ist sind beträgt hat haben ergibt erhalten kostet verkauft zahlt bleiben"),
  ...words("est sont ont reste coûte obtient vaut fait paie"),
  ...words("es son hay tiene tienen queda quedan obtenemos cuesta vale da"),
  ...words("é são tem têm há custa resta restam obtemos"),
  ...words("è sono ha hanno costa rimangono otteniamo"),
  ...words("равен равна равно осталось получаем будет это составляет стоит получится")
])

/** Those of them after which a sentence may begin as well as a value: "4 rows of 4, so 16 chairs". */
export const LOOSE_LINKS: ReadonlySet<string> = new Set(words("so thus hence therefore leaving giving making"))

/** "To the first part", "of step two": the answer to a part of the question is none to the question. */
export const PARTIAL =
  /\b(?:first|second|third|fourth|next|previous|intermediate|partial|sub-?(?:problem|question|part|answer)|part|step|smaller|simpler|each|every|this\s+(?:part|step|case)|other|original\s+guess|leg|stage)\b|\bto\s+(?:how|what|which|who)\b|\([a-h]\)|第[一二三]/iu

/** What follows a boxed value that is a part: "is the first partial product", "the second". */
export const PARTIAL_AFTER =
  /^[\s$*)}\]]{0,4}(?:(?:is|are|was|being|,)\s+)?(?:the\s+|a\s+|an\s+)?(?:first|second|third|partial|intermediate|tens|ones|units|hundreds)\b/iu

/** A label on the same line that makes the value one of a part: "Part 1:", "(a)". */
export const PART_LABEL =
  /^[\s*_#>-]*(?:part|question|problem|sub-?question|teil|partie|parte)\s*(?:\d+|[a-h]\b|[ivx]+\b)|^[\s*_#>-]*\(?[a-h]\)/iu

/** Before an answer that is only supposed: "if the answer is", "suppose the answer were". */
export const SUPPOSED =
  /\b(?:if|suppose|supposing|assume|assuming|whether|unless|imagine|say|guess(?:ing)?(?:\s+that)?|check(?:\s+(?:if|whether|that))?|format|form|in\s+which|where)\s+(?:that\s+)?(?:the\s+|my\s+|your\s+|our\s+)?(?:final\s+|correct\s+)?$/iu

/** A sentence that has one of these puts a value under a condition. */
export const CONDITIONAL = /\b(?:if|suppose|supposing|assuming|unless)\b(?!\s+(?:I|we)\s+(?:recall|remember|am|are|count))/iu

/** A question of one's own just before: its answer is one to a part. */
export const OWN_QUESTION =
  /(?:^|[.!?:,]\s+)(?:(?:first|second|third|next|then|now|finally)[,:]?\s+)?(?:how|what|which|who|when|where)\b[^.!?\n]{0,120}\?[\s*_]*(?:(?:so|thus|then|well)[,\s]*)?(?:the\s+)?$/iu

/** Words between "answer" and its link that deny the value: "the answer can't be 10". */
export const DENIED = /\b(?:can['’]?t|cannot|can\s+not|couldn['’]?t|could\s+not|not|never|neither)\b/iu

/** Words there that leave it open, if a condition follows. */
export const OPEN = /\b(?:might|would|could|may)\b/iu
