import { describe, expect, it } from "vitest"
import { readTranscript } from "../../../src/eval/transcripts/Grade.ts"
import { defaultMarkers } from "../../../src/tasks/reading/Markers.ts"
import { takeApart } from "../../../src/tasks/reading/TakeApart.ts"
import { read, type Row } from "./Read.ts"

describe("K1: a check is no answer, and drops no row", () => {
  it.each<Row>([
    ["The answer is 91. Let me verify: 91 / 7 = 13.", "91", "91+S Correct"],
    ["The answer is 91. Let me double-check: 70 + 21 = 91. Yes, it is.", "91", "91+S Correct"],
    ["The answer is 97. Let me double-check: 70 + 27 = 97. Yes, it is.", "91", "97-S Wrong"],
    ["\\boxed{91}\n\nTo verify, divide: 91 / 13 = 7, as it should be.", "91", "91+S Correct"],
    ["**Answer: 91**\n\nWait, did I carry the two? Yes, I did.", "91", "91+S Correct"],
    ["The answer is 91.\n\nWait, is that correct? Yes, it is correct.", "91", "91+S Correct"],
    ["The answer is 91. Hmm, let me confirm by subtraction: 91 - 70 = 21. Good.", "91", "91+S Correct"],
    ["#### 91\nCheck: 91 - 13 = 78 and 78 / 6 = 13.", "91", "91+S Correct"],
    ["<answer>91</answer>\nSanity check: 90 + 1 = 91, which is odd, as a product of odd numbers must be.", "91", "91+S Correct"],
    ["Final answer: 91\n\nAlternatively, 100 - 9 = 91, which agrees.", "91", "91+S Correct"],
    ["7 * 13 = 91\nHmm, 91 / 7 = 13", "91", "91+S Correct"],
    ["<think>The answer is 91. Let me verify: 91 / 7 = 13.</think>The answer is 91.", "91", "91+S Correct"],
    ["<think>So the answer is 91. Hmm, is 91 / 7 = 13? Yes.</think>\n\n**91**", "91", "91+S Correct"],
    ["Die Antwort ist 91. Zur Probe: 91 / 7 = 13.", "91", "91+S Correct"],
    ["La réponse est 91. Vérifions : 91 / 7 = 13. C'est juste.", "91", "91+S Correct"],
    ["La respuesta es 91. Comprobemos: 91 / 7 = 13. Correcto.", "91", "91+S Correct"],
    ["A resposta é 91. Vamos verificar: 91 / 7 = 13.", "91", "91+S Correct"],
    ["La risposta è 91. Verifichiamo: 91 / 7 = 13.", "91", "91+S Correct"],
    ["Ответ: 91. Проверим: 91 / 7 = 13.", "91", "91+S Correct"],
    ["答案是91。验算:91 / 7 = 13。", "91", "91+S Correct"],
    ["答えは91です。検算すると 91 / 7 = 13。", "91", "91+S Correct"],
    ["정답은 91입니다. 검산: 91 / 7 = 13.", "91", "91+S Correct"],
    ["Het antwoord is 91. Ter controle: 91 / 7 = 13.", "91", "91+S Correct"]
  ])("%j (gold %s): %s", (response, gold, expected) => {
    expect(read(response, gold)).toBe(expected)
  })

  it("a marker that no candidate follows is counted as a check, once for markers that follow each other", () => {
    const counts = (response: string) => readTranscript({ id: "1", prompt: "?", response, answer: "91" }).counts
    expect(counts("The answer is 91.")).toMatchObject({ checks: 0, unmarked: 0 })
    expect(counts("The answer is 91. Let me verify: 91 / 7 = 13.")).toMatchObject({ checks: 1, unmarked: 0 })
    expect(counts("The answer is 91. Hmm, wait, let me verify: 91 / 7 = 13.")).toMatchObject({ checks: 1, unmarked: 0 })
  })

  it("the same value after a check is an attempt of its own where it is announced again, not where a step comes to it", () => {
    const prompt = "Calculate 7 * 13."
    expect(read("The answer is 91. Let me verify: 70 + 21 = 91.", "91", { prompt })).toBe("91+S Correct")
    expect(read("The answer is 91. Let me recompute. The answer is 91.", "91", { prompt })).toBe("91+R 91+S Correct")
  })
})

const REVISIONS: Readonly<Record<string, ReadonlyArray<string>>> = {
  English: [
    "Wait, I dropped a carry.",
    "Wait! That sum is off.",
    "Wait... no.",
    "Hmm, seven eights are more.",
    "Hmm. Not quite.",
    "Actually, I added one row too few.",
    "Actually no.",
    "Oops, wrong row.",
    "Whoops, a typo.",
    "Scratch that.",
    "Strike that!",
    "Hold on.",
    "Hang on, the rows are longer.",
    "No, that's wrong.",
    "Oh wait, there are eight rows.",
    "But wait, the last row counts too.",
    "On second thought, the last row counts too.",
    "Sorry, I misread the plan.",
    "Correction: eight rows.",
    "That can't be right.",
    "That doesn't add up.",
    "This is incorrect.",
    "I made an error in row 3.",
    "I miscounted.",
    "I forgot the last row.",
    "I was wrong about the rows.",
    "There's a mistake above.",
    "My bad.",
    "My mistake, eight rows.",
    "I apologize, I skipped one.",
    "Let me recount.",
    "Let me redo the sum.",
    "Let me start over.",
    "Let me try again.",
    "Let me rethink this.",
    "Let's recalculate.",
    "Let me re-check the rows.",
    "Let me double check that.",
    "Let us verify this once more.",
    "I should reconsider the last row.",
    "I need to recheck the rows.",
    "I'll go back and check.",
    "I must revise this.",
    "Let me take another look.",
    "Let me go over it again.",
    "Let's check by another method.",
    "Let me think again.",
    "Let me correct this.",
    "Upon reflection, a row is missing.",
    "Alternatively, count by columns.",
    "Another way: count by columns.",
    "Let me step back.",
    "Aha, there is one more row.",
    "Let me backtrack."
  ],
  German: [
    "Moment, das sind acht Reihen.",
    "Warte, eine Reihe fehlt.",
    "Das stimmt nicht.",
    "Ich habe mich verrechnet.",
    "Nein, es sind acht.",
    "Lass mich nachprüfen."
  ],
  French: ["Attends, il manque un rang.", "Je me suis trompé.", "Ce n'est pas correct.", "Recalculons.", "Oups, un rang de plus."],
  Spanish: ["Espera, falta una fila.", "Me equivoqué.", "Eso no es correcto.", "Recalculemos.", "Un momento, son ocho."],
  Portuguese: ["Espere, falta uma linha.", "Cometi um erro.", "Vamos recalcular."],
  Italian: ["Aspetta, manca una riga.", "Ho sbagliato.", "Ricalcoliamo."],
  Russian: ["Подожди, рядов восемь.", "Я ошибся.", "Давайте пересчитаем."],
  Chinese: ["等等，还有一行。", "不对，", "我算错了。", "让我重新计算。", "让我再检查一遍。", "验证一下。"],
  Japanese: ["待って、", "間違えました。", "もう一度計算します。"],
  Korean: ["잠깐만요.", "다시 계산해 보겠습니다.", "틀렸습니다."],
  Dutch: ["Wacht, er is nog een rij.", "Dat klopt niet."]
}

describe("K9: revisions and their words", () => {
  it.each(Object.entries(REVISIONS).flatMap(([language, words]) => words.map((word) => [language, word] as const)))(
    "%s: %s",
    (_, words) => {
      const response = `7 * 8 = 54. \\boxed{54}\n\n${words} 56 + 0 is 56. \\boxed{56}`
      const { attempts, unmarked } = takeApart(response, defaultMarkers)
      expect(attempts.map(({ candidate, decision }) => [candidate.answer, decision])).toEqual([["54", "RESAMPLE"], ["56", "STOP"]])
      // The words are what took it back, not the change alone.
      expect(unmarked).toBe(0)
      expect(response.slice(attempts[0]!.marker!.start).startsWith(words.slice(0, 2)) || response.includes(words)).toBe(true)
      const place = response.indexOf(words)
      expect(attempts[0]!.marker!.start).toBeGreaterThanOrEqual(place)
      expect(attempts[0]!.marker!.end).toBeLessThanOrEqual(place + words.length)
    }
  )

  it.each<readonly [response: string, attempts: string, unmarked: number]>([
    ["The answer is 54. The answer is 56.", "54-R 56+S Correct", 1],
    ["\\boxed{54}. With the last row too it is \\boxed{56}.", "54-R 56+S Correct", 1],
    ["Answer: 54\n\nAnswer: 56", "54-R 56+S Correct", 1],
    ["The answer is 54. The answer is 55. The answer is 56.", "54-R 55-R 56+S Correct", 2],
    ["Die Antwort ist 54. Die Antwort ist 56.", "54-R 56+S Correct", 1],
    ["答案是54。答案是56。", "54-R 56+S Correct", 1],
    ["The answer is 56. So, as said, the answer is 56.", "56+S Correct", 0]
  ])("an announced answer that changes without a word is taken back too: %j", (response, expected, unmarked) => {
    expect(read(response, "56")).toBe(expected)
    expect(readTranscript({ id: "1", prompt: "?", response, answer: "56" }).counts.unmarked).toBe(unmarked)
  })
})
