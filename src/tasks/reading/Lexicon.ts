/**
 * The words of reflection in ten languages, and what each means for the answer before it. Plain data.
 *
 * Sources: this paper (2026), appendix E; the keyword pools of Liu et al. (2025, Oat-Zero: "There may not be aha moment …") and of Yeo et al. (2025,
 * "Demystifying long chain-of-thought"), spelled out and joined with what reasoning models write. The list can be broad, because a marker
 * matters only where another candidate answer follows it.
 *
 * @module
 */
import { REVISION_MARKERS } from "./RevisionMarkers.ts"

/**
 * What a marker does to the answer before it: `redo` takes it back ("I made a mistake", "let me recompute"), `doubt` puts it in question ("wait",
 * "hmm"), `check` holds it against something ("let me verify", "alternatively"). After a check an equation is the check's, not a new answer.
 */
export type MarkerKind = "doubt" | "redo" | "check"

/** A phrase of the lexicon. */
export interface Phrase {
  readonly text: string
  readonly kind: MarkerKind
  /** Its last word is looked at only, and belongs to what follows: "wait, let me …". */
  readonly isAhead?: boolean
  /** Only at the beginning of a sentence, or set off by commas or dashes on both sides: the words are common elsewhere. */
  readonly isOpening?: boolean
}

const words = (text: string): ReadonlyArray<string> => text.split(" ")

const phrases = (kind: MarkerKind, texts: ReadonlyArray<string>, isOpening = false): ReadonlyArray<Phrase> =>
  texts.map((text) => (isOpening ? { text, kind, isOpening } : { text, kind }))

// "let me" + "verify": the intention to look again, in all the ways in which it is announced.
const SUBJECTS = [
  "let me",
  "let me just",
  "let me quickly",
  "let me first",
  "let me go back and",
  "let us",
  "let's",
  "lets",
  "let's just",
  "let's go back and",
  "I should",
  "I should probably",
  "I need to",
  "I must",
  "I have to",
  "I want to",
  "I'll",
  "I'll just",
  "I will",
  "I'd better",
  "we should",
  "we need to",
  "we must",
  "we can",
  "maybe I should",
  "upon",
  "on",
  "after",
  "by"
] as const

const CHECKS = [
  "verify",
  "re-verify",
  "double-check",
  "double check",
  "cross-check",
  "cross check",
  "recheck",
  "re-check",
  "check",
  "check again",
  "test",
  "confirm",
  "validate",
  "make sure",
  "be sure",
  "sanity check",
  "sanity-check",
  "look at it another way",
  "approach this differently",
  "try another method",
  "try another approach",
  "try a different approach",
  "try a different method",
  "think about it differently",
  "prove"
] as const

const REDOES = [
  "recompute",
  "re-compute",
  "recalculate",
  "re-calculate",
  "redo",
  "re-do",
  "recount",
  "rework",
  "restart",
  "reconsider",
  "re-consider",
  "rethink",
  "re-think",
  "reassess",
  "re-assess",
  "reevaluate",
  "re-evaluate",
  "re-examine",
  "reexamine",
  "reanalyze",
  "re-analyze",
  "reanalyse",
  "re-read",
  "reread",
  "revisit",
  "review",
  "revise",
  "correct",
  "fix",
  "adjust",
  "think again",
  "try again",
  "start over",
  "start again",
  "begin again",
  "go back",
  "backtrack",
  "go over",
  "go through it again",
  "look again",
  "take another look",
  "step back"
] as const

// Not "I will check", "by testing": those are said of the problem more often than of the answer.
const FIRST_PERSON = SUBJECTS.slice(0, SUBJECTS.indexOf("upon"))
const GERUNDS: ReadonlyArray<readonly [MarkerKind, string]> = [
  ["check", "re-checking"],
  ["check", "rechecking"],
  ["check", "double-checking"],
  ["check", "checking again"],
  ["check", "verification"],
  ["redo", "reconsideration"],
  ["redo", "reconsidering"],
  ["redo", "re-examination"],
  ["redo", "re-examining"],
  ["redo", "reflection"],
  ["redo", "recalculating"],
  ["redo", "closer inspection"],
  ["redo", "second look"]
]

// "Wait times" and "wait for" are no doubt of one's own.
const WAIT_FOLLOWERS = [
  ...words("no that this is I let maybe but if so actually what hmm it there we why how because did"),
  ...words("isn't aren't doesn't does shouldn't should not are was my you")
]

/** The phrases that an English text announces reflection with. */
export const ENGLISH: ReadonlyArray<Phrase> = [
  ...phrases("redo", [...REVISION_MARKERS, "I will go back and check", "I'll go back and check", "let me go back"]),
  ...FIRST_PERSON.flatMap((subject) => [
    ...phrases("check", CHECKS.map((verb) => `${subject} ${verb}`)),
    ...phrases("redo", REDOES.map((verb) => `${subject} ${verb}`))
  ]),
  ...["upon", "on", "after", "by"].flatMap((subject) =>
    GERUNDS.map(([kind, noun]): Phrase => ({ text: `${subject} ${noun}`, kind, isOpening: true }))
  ),
  ...phrases("redo", [
    "I made an error",
    "I made a mistake",
    "I've made a mistake",
    "I've made an error",
    "I have made a mistake",
    "I have made an error",
    "I miscounted",
    "I miscalculated",
    "I misread",
    "I mis-added",
    "I forgot",
    "I overlooked",
    "I missed",
    "I mixed up",
    "I confused",
    "I inverted",
    "I swapped",
    "I misapplied",
    "I double-counted",
    "verification failed",
    "that doesn't match",
    "it doesn't match",
    "this doesn't match",
    "that does not match",
    "it does not match",
    "second attempt",
    "second try",
    "second solution",
    "corrected solution",
    "corrected answer",
    "revised answer",
    "revised solution",
    "must be recomputed",
    "I was wrong",
    "I slipped",
    "I messed up",
    "I think I made a mistake",
    "there is a mistake",
    "there's a mistake",
    "there is an error",
    "there's an error",
    "there must be a mistake",
    "there must be an error",
    "that's not right",
    "that is not right",
    "that's not correct",
    "that is not correct",
    "that isn't right",
    "that doesn't seem right",
    "that does not seem right",
    "this doesn't seem right",
    "this does not seem right",
    "that can't be right",
    "that cannot be right",
    "that can't be",
    "this can't be right",
    "that doesn't add up",
    "that doesn't look right",
    "that's wrong",
    "that is wrong",
    "this is wrong",
    "that's incorrect",
    "that is incorrect",
    "this is incorrect",
    "scratch that",
    "strike that",
    "my mistake",
    "my bad",
    "apologies for",
    "I apologize",
    "I apologise"
  ]),
  ...phrases("doubt", [
    "on second thought",
    "on second thoughts",
    "hold on",
    "but wait",
    "oh wait",
    "no wait",
    "wait no",
    "wait a minute",
    "wait a moment",
    "wait a second",
    "hang on"
  ]),
  ...phrases("doubt", [
    "wait,",
    "hmm",
    "hm",
    "hmmm",
    "oops",
    "whoops",
    "aha",
    "actually",
    "oh no",
    "no,",
    "nope",
    "sorry",
    "correction",
    "however, this",
    "but this seems",
    "yet this seems",
    "but that seems",
    "oh,",
    "critique",
    "uh-oh",
    "argh",
    "ah,"
  ], true),
  ...WAIT_FOLLOWERS.map((word): Phrase => ({ text: `wait ${word}`, kind: "doubt", isOpening: true, isAhead: true })),
  ...phrases("check", [
    "check:",
    "checking:",
    "verification",
    "verifying",
    "to verify",
    "to double-check",
    "to check",
    "to confirm",
    "to be sure",
    "to be safe",
    "just to be sure",
    "sanity check",
    "double-check",
    "double-checking",
    "alternatively",
    "another way",
    "another approach",
    "another method",
    "is that right",
    "is this right",
    "is that correct",
    "is this correct",
    "are we sure",
    "am I sure"
  ], true)
]

/** Reflection in Chinese, German, French, Spanish, Portuguese, Italian, Russian, Japanese, Korean and Dutch. */
export const OTHER_LANGUAGES: ReadonlyArray<Phrase> = [
  // Chinese.
  ...phrases("doubt", [
    "等等",
    "等一下",
    "稍等",
    "不对",
    "不對",
    "错了",
    "錯了",
    "我算错了",
    "有误",
    "搞错了",
    "弄错了",
    "哎呀",
    "糟糕",
    "其实",
    "啊，"
  ]),
  ...phrases("redo", [
    "重新计算",
    "重新算",
    "重算",
    "再算一遍",
    "重新考虑",
    "重新思考",
    "让我再想想",
    "再想想",
    "重新审视",
    "重來",
    "重新來"
  ]),
  ...phrases("check", [
    "检查一下",
    "再检查",
    "验证一下",
    "让我验证",
    "我们来验证",
    "验算",
    "核对",
    "确认一下",
    "检验一下",
    "驗證",
    "驗算",
    "或者，",
    "另一种方法",
    "换一种方法"
  ]),
  // German.
  ...phrases(
    "doubt",
    ["moment,", "moment mal", "warte", "warte mal", "halt,", "stopp", "nein", "hoppla", "ups", "korrektur", "doch nicht"],
    true
  ),
  ...phrases("redo", [
    "das stimmt nicht",
    "das ist falsch",
    "das ist nicht richtig",
    "das kann nicht stimmen",
    "ich habe einen Fehler gemacht",
    "ich habe mich verrechnet",
    "da ist ein Fehler",
    "ein Rechenfehler",
    "mein Fehler"
  ]),
  ...phrases("redo", [
    "ich rechne noch einmal",
    "ich rechne nochmal",
    "noch einmal rechnen",
    "rechnen wir noch einmal",
    "noch einmal von vorn",
    "ich überdenke",
    "nochmal von vorne",
    "lass mich neu rechnen",
    "lass mich noch einmal rechnen"
  ]),
  ...phrases("check", [
    "ich prüfe",
    "prüfen wir",
    "zur Probe",
    "ich überprüfe",
    "überprüfen wir",
    "lass mich überprüfen",
    "lass mich prüfen",
    "lass mich nachprüfen",
    "machen wir die Probe",
    "zur Kontrolle",
    "ich kontrolliere"
  ]),
  ...phrases("check", ["probe:", "kontrolle:"], true),
  // French.
  ...phrases("doubt", ["attends", "attendez", "attention", "hum", "non,", "oups", "en fait", "pardon", "minute,"], true),
  ...phrases("redo", [
    "ce n'est pas juste",
    "ce n'est pas correct",
    "ce n'est pas bon",
    "c'est faux",
    "je me suis trompé",
    "je me suis trompée",
    "j'ai fait une erreur",
    "il y a une erreur"
  ]),
  ...phrases("redo", ["je recalcule", "recalculons", "reprenons", "je reprends", "recommençons", "refaisons", "laisse-moi recalculer"]),
  ...phrases("check", ["vérifions", "je vérifie", "laisse-moi vérifier", "pour vérifier", "vérification", "je vais vérifier"]),
  // Spanish.
  ...phrases("doubt", ["espera", "esperen", "un momento", "mmm", "no,", "ups", "en realidad", "perdón", "corrección"], true),
  ...phrases("redo", [
    "no es así",
    "eso no es correcto",
    "eso está mal",
    "esto está mal",
    "cometí un error",
    "he cometido un error",
    "me equivoqué",
    "me he equivocado",
    "hay un error"
  ]),
  ...phrases("redo", [
    "recalculemos",
    "déjame recalcular",
    "voy a recalcular",
    "volvamos a calcular",
    "volvamos a empezar",
    "rehagamos",
    "déjame rehacer"
  ]),
  ...phrases("check", [
    "verifiquemos",
    "comprobemos",
    "déjame verificar",
    "déjame comprobar",
    "voy a verificar",
    "voy a comprobar",
    "para verificar",
    "revisemos"
  ]),
  // Portuguese.
  ...phrases("doubt", ["espere", "espera aí", "peraí", "não,", "opa", "na verdade", "desculpe", "correção"], true),
  ...phrases("redo", ["isso está errado", "isso não está certo", "cometi um erro", "errei", "há um erro", "me enganei"]),
  ...phrases("redo", ["deixe-me recalcular", "vou recalcular", "vamos recalcular", "refazendo", "vamos refazer", "vou refazer"]),
  ...phrases("check", ["vamos verificar", "deixe-me verificar", "vou verificar", "vamos conferir", "deixe-me conferir", "para conferir"]),
  // Italian.
  ...phrases("doubt", ["aspetta", "aspettate", "un attimo", "no,", "ops", "in realtà", "scusa", "scusate"], true),
  ...phrases("redo", [
    "non è corretto",
    "non è giusto",
    "è sbagliato",
    "ho sbagliato",
    "ho fatto un errore",
    "ho commesso un errore",
    "c'è un errore"
  ]),
  ...phrases("redo", ["ricalcolo", "ricalcoliamo", "rifacciamo", "fammi ricalcolare", "ricominciamo"]),
  ...phrases("check", ["verifichiamo", "verifico", "fammi verificare", "controlliamo", "fammi controllare", "per verificare"]),
  // Russian.
  ...phrases(
    "doubt",
    ["подожди", "подождите", "стоп", "нет,", "хм", "ой", "на самом деле", "погоди", "минутку", "постой", "постойте"],
    true
  ),
  ...phrases("redo", [
    "это неверно",
    "это неправильно",
    "это не так",
    "я ошибся",
    "я ошиблась",
    "допустил ошибку",
    "здесь ошибка",
    "тут ошибка"
  ]),
  ...phrases("redo", [
    "пересчитаю",
    "пересчитаем",
    "давайте пересчитаем",
    "начнём заново",
    "начнем заново",
    "посчитаем заново",
    "вычислим заново"
  ]),
  ...phrases("check", ["проверим", "проверю", "давайте проверим", "давай проверим", "перепроверим"]),
  // Japanese.
  ...phrases("doubt", ["待って", "待てよ", "ちょっと待", "いや、", "違う", "違います", "間違え", "間違い", "おっと", "あれ、", "実は"]),
  ...phrases("redo", ["計算し直", "やり直", "再計算", "もう一度計算", "考え直"]),
  ...phrases("check", ["確認し", "確かめ", "検算", "検証し", "別の方法"]),
  // Korean.
  ...phrases("doubt", ["잠깐", "잠시만", "아니,", "틀렸", "실수했", "아니다", "사실은", "이런,"]),
  ...phrases("redo", ["다시 계산", "다시 풀", "다시 생각", "처음부터 다시"]),
  ...phrases("check", ["확인해 보", "확인해보", "검산", "검토해", "검증해"]),
  // Dutch.
  ...phrases("doubt", ["wacht,", "wacht even", "nee,", "dat klopt niet", "dat is fout", "ik heb een fout gemaakt"], true),
  ...phrases("check", ["laten we controleren", "even controleren", "ter controle"], true)
]

/** The lexicon. */
export const LEXICON: ReadonlyArray<Phrase> = [...ENGLISH, ...OTHER_LANGUAGES]
