/**
 * Words and signs that mathematics is written with: what each is called in LaTeX, and what is only said beside a number.
 *
 * @module
 */

const list = (text: string): ReadonlyArray<string> => text.split(" ")

/** Functions of one argument, by their names in LaTeX without the backslash. */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  list("sin cos tan cot sec csc arcsin arccos arctan arccot sinh cosh tanh ln log lg exp min max gcd lcm arg Re Im det mod")
)

/** Words that plain text writes for a command. */
export const WORDS: ReadonlyMap<string, string> = new Map([
  ...[...FUNCTIONS].filter((name) => name.length > 2 || name === "ln" || name === "lg").map((name) => [name, `\\${name}`] as const),
  ...[
    ["sqrt", "\\sqrt"],
    ["cbrt", "\\sqrt[3]"],
    ["asin", "\\arcsin"],
    ["acos", "\\arccos"],
    ["atan", "\\arctan"],
    ["pi", "\\pi"],
    ["Pi", "\\pi"],
    ["theta", "\\theta"],
    ["alpha", "\\alpha"],
    ["beta", "\\beta"],
    ["inf", "\\infty"],
    ["infty", "\\infty"],
    ["infinity", "\\infty"],
    ["oo", "\\infty"],
    ["pm", "\\pm"],
    ["and", ", "],
    ["or", ", "],
    ["percent", "%"],
    ["pct", "%"],
    ["degree", "\\degree"],
    ["degrees", "\\degree"],
    ["choose", "\\choose"],
    ["thousand", "*1000"],
    ["million", "*1000000"],
    ["billion", "*1000000000"],
    ["trillion", "*1000000000000"]
  ] as const
])

/** Commands that mean the same as another, or nothing ("") for the value. */
export const COMMANDS: ReadonlyMap<string, string> = new Map([
  ...list("dfrac tfrac cfrac").map((name) => [name, "\\frac"] as const),
  ...list("dbinom tbinom").map((name) => [name, "\\binom"] as const),
  ...list("times cdot ast cdotp bullet").map((name) => [name, "*"] as const),
  ...list(
    "left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr displaystyle textstyle scriptstyle limits nolimits rm bf it boxed fbox ensuremath large Large"
  )
    .map((name) => [name, ""] as const),
  ...list("quad qquad space hspace thinspace nobreakspace enspace").map((name) => [name, " "] as const),
  ...[
    ["div", "/"],
    ["le", "\\leq"],
    ["leqslant", "\\leq"],
    ["ge", "\\geq"],
    ["geqslant", "\\geq"],
    ["ne", "\\neq"],
    ["lt", "<"],
    ["gt", ">"],
    ["approx", "\\approx"],
    ["simeq", "\\approx"],
    ["sim", "\\approx"],
    ["lbrace", "\\{"],
    ["rbrace", "\\}"],
    ["lbrack", "["],
    ["rbrack", "]"],
    ["lparen", "("],
    ["rparen", ")"],
    ["vert", "|"],
    ["lvert", "|"],
    ["rvert", "|"],
    ["mid", "|"],
    ["degree", "\\degree"],
    ["land", ", "],
    ["lor", ", "],
    ["wedge", ", "],
    ["vee", ", "],
    ["backslash", "\\setminus"],
    ["colon", ":"],
    ["ratio", ":"],
    ["dots", "\\ldots"],
    ["cdots", "\\ldots"],
    ["emptyset", "\\emptyset"],
    ["varnothing", "\\emptyset"],
    ["overrightarrow", "\\vec"],
    ["tg", "\\tan"],
    ["ctg", "\\cot"],
    ["cotg", "\\cot"],
    ["arctg", "\\arctan"],
    ["widehat", "\\hat"],
    ["R", "\\mathbb{R}"],
    ["Z", "\\mathbb{Z}"],
    ["N", "\\mathbb{N}"],
    ["Q", "\\mathbb{Q}"],
    ["C", "\\mathbb{C}"],
    ["reals", "\\mathbb{R}"],
    ["varphi", "\\phi"]
  ] as const
])

/** Commands whose argument is text or upright letters. */
export const TEXTS: ReadonlySet<string> = new Set(
  list("text textbf textit textrm textnormal mbox hbox mathrm mathbf mathit mathsf mathtt operatorname boldsymbol bm unit textup")
)

const SIGNS: ReadonlyMap<string, string> = new Map([
  ...[..."−–—‐‑"].map((sign) => [sign, "-"] as const),
  ...[..."×·⋅∙∗"].map((sign) => [sign, "*"] as const),
  ...[..."$€£¥₹"].map((sign) => [sign, " "] as const),
  ["÷", "/"],
  ["∕", "/"],
  ["⁄", "/"],
  ["π", "\\pi "],
  ["∞", "\\infty "],
  ["√", "\\sqrt "],
  ["∛", "\\sqrt[3]"],
  ["≤", "\\leq "],
  ["≥", "\\geq "],
  ["≠", "\\neq "],
  ["≈", "\\approx "],
  ["±", "\\pm "],
  ["∓", "\\mp "],
  ["∪", "\\cup "],
  ["∩", "\\cap "],
  ["∈", "\\in "],
  ["∅", "\\emptyset "],
  ["°", "\\degree "],
  ["º", "\\degree "],
  ["θ", "\\theta "],
  ["α", "\\alpha "],
  ["β", "\\beta "],
  ["λ", "\\lambda "],
  ["ℝ", "\\mathbb{R}"],
  ["ℤ", "\\mathbb{Z}"],
  ["∧", ", "],
  ["∨", ", "],
  ["⟨", "\\langle "],
  ["⟩", "\\rangle "],
  ["…", "\\ldots "],
  ["′", "'"],
  ["’", "'"],
  ["‘", "'"]
])

const SUPERS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ"
const VULGAR: ReadonlyMap<string, string> = new Map(
  list("½1/2 ⅓1/3 ⅔2/3 ¼1/4 ¾3/4 ⅕1/5 ⅖2/5 ⅗3/5 ⅘4/5 ⅙1/6 ⅚5/6 ⅛1/8 ⅜3/8 ⅝5/8 ⅞7/8").map((entry) => [
    entry[0]!,
    `\\frac{${entry[1]}}{${entry[3]}}`
  ])
)

/** Signs beyond ASCII in LaTeX's letters; others in their compatible form (full-width digits become digits). Currency signs become spaces. */
export const asciiOf = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- The common case is plain ASCII.
  /^[\x00-\x23\x25-\x7f]*$/.test(text)
    ? text
    : text
      .replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ]+/g, (run) => `^{${[...run].map((sign) => "0123456789-n"[SUPERS.indexOf(sign)]).join("")}}`)
      .replace(/[^\x20-\x7e]|\$/g, (sign) => SIGNS.get(sign) ?? VULGAR.get(sign) ?? sign)
      .normalize("NFKC")

/** Short words that are units or nouns, not a product of letters. */
const UNITS: ReadonlySet<string> = new Set(
  list(
    "cm mm km nm um ft yd mi kg mg lb lbs oz ml cl dl mph kph hr hrs sec min mins day yr am pm AM PM sq cu in men boy cat dog way ways cup bit gal pt Hz kJ kW eV mol cc ha to of is if as no at by on so be it we he my up us me an do go yes rd st nd th"
  )
)

/** Says whether a run of letters is a product of variables ("xy", "abc") rather than a word. */
export const isProduct = (run: string): boolean => run.length < 4 && !UNITS.has(run) && (run.length === 2 || !/[eiouEIOU]/.test(run))
