import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { FIGURE_1, simulateDynamics } from "../../../src/theory/illustration/Dynamics.ts"
import { LOGIT_NAMES, logitsOf } from "../../../src/theory/illustration/ThreeLogit.ts"
import {
  decisionsAt,
  fieldOf,
  inForce,
  LEARNERS,
  restOf,
  type Setting,
  statesOf,
  velocityOf
} from "../../../src/view/theory/dynamics/Flow.ts"
import { dynamicsSentence } from "../../../src/view/theory/dynamics/Words.ts"

const rates = (sampleCorrect: number, stopGivenCorrect: number, resampleGivenWrong: number) => ({
  sampleCorrect,
  stopGivenCorrect,
  resampleGivenWrong
})

const first: Setting = {
  start: rates(0.5, 0.7, 0.2),
  learner: "accuracy",
  groupSize: 8,
  cap: Infinity,
  kl: "none",
  beta: 0.1,
  length: 8,
  refreshEvery: Infinity,
  geometry: "euclidean",
  data: rates(0.7, 0.8, 0.3),
  horizon: 20
}

const settings = fc.record({
  learner: fc.constantFrom(...LEARNERS.map(({ id }) => id)),
  cap: fc.constantFrom(Infinity, 1, 3),
  kl: fc.constantFrom("none" as const, "reward" as const, "loss" as const),
  geometry: fc.constantFrom("euclidean" as const, "fisher" as const),
  refreshEvery: fc.constantFrom(Infinity, 0.02),
  horizon: fc.constant(0.06)
}).map((some): Setting => ({ ...first, ...some }))

describe("Flows on the page", () => {
  it("start at the start and go along the velocity, for every learner, penalty, cap and geometry", () => {
    fc.assert(
      fc.property(settings, (setting) => {
        const states = statesOf(setting)
        const start = logitsOf(setting.start)
        const velocity = velocityOf(setting)(start)
        expect(states).toHaveLength(121)
        for (const name of LOGIT_NAMES) {
          expect(states[0]!.logits[name]).toBe(start[name])
          const speed = (states[1]!.logits[name] - start[name]) / states[1]!.time
          expect(Math.abs(speed - velocity[name])).toBeLessThan(5e-3 * (1 + Math.abs(velocity[name])))
        }
      }),
      { numRuns: 30 }
    )
  })

  it("come to the rest that the page names: SFT, DFT, and reward against k1 in the reward", () => {
    const resting: ReadonlyArray<readonly [Partial<Setting>, number]> = [
      [{ learner: "sft", horizon: 200 }, 1e-4],
      [{ learner: "dft", horizon: 1000 }, 2e-2],
      [{ kl: "reward", beta: 0.5, horizon: 1000 }, 1e-4],
      [{ kl: "reward", beta: 0.5, horizon: 1000, learner: "signed" }, 1e-3]
    ]
    for (const [some, tolerance] of resting) {
      const setting = { ...first, ...some }
      const { rates: rest } = restOf(setting)!
      const last = statesOf(setting).at(-1)!.rates
      for (const name of LOGIT_NAMES) {
        expect([some.learner, name, Math.abs(last[name] - rest[name]) < tolerance]).toEqual([some.learner, name, true])
      }
    }
  })

  it("name no rest where none is known, and keep what demonstrations never show", () => {
    expect([restOf(first), restOf({ ...first, kl: "loss" }), restOf({ ...first, learner: "grpo", kl: "reward" })]).toEqual([
      null,
      null,
      null
    ])
    expect(restOf({ ...first, learner: "sft", data: rates(1, 0.9, 0.9) })!.rates.resampleGivenWrong).toBe(0.2)
  })

  it("the path that plain ascent is bound to is the one it takes, for every learner of accuracy", () => {
    for (const learner of ["accuracy", "grpo", "surrogate", "nsr"] as const) {
      const setting = { ...first, learner, horizon: 100 }
      const last = statesOf(setting).at(-1)!.rates
      const bound = decisionsAt(setting, last.sampleCorrect)!
      expect(bound.resampleGivenWrong).toBeCloseTo(last.resampleGivenWrong, 6)
      expect(bound.stopGivenCorrect).toBeCloseTo(last.stopGivenCorrect, 6)
    }
    for (const some of [{ cap: 3 }, { geometry: "fisher" }, { kl: "loss" }, { learner: "sft" }] as ReadonlyArray<Partial<Setting>>) {
      expect(decisionsAt({ ...first, ...some }, 0.99)).toBeNull()
    }
  })

  it("the surrogate with k1 in the reward is figure 1's gradient", () => {
    const { net } = simulateDynamics({ ...FIGURE_1, start: first.start, refreshEvery: null, steps: 1 })
    const velocity = velocityOf({ ...first, learner: "surrogate", kl: "reward", beta: 1 })(logitsOf(first.start))
    for (const name of LOGIT_NAMES) expect(velocity[name]).toBeCloseTo(net[name][0]!, 12)
  })

  it("ignores what a learner does not use, and a cap beside a penalty in the reward", () => {
    expect(inForce({ ...first, learner: "sft", cap: 2, geometry: "fisher", kl: "loss", refreshEvery: 5 })).toMatchObject({
      cap: Infinity,
      geometry: "euclidean",
      refreshEvery: Infinity
    })
    expect([inForce({ ...first, cap: 2, kl: "reward" }).cap, inForce({ ...first, cap: 2 }).cap]).toEqual([Infinity, 2])
  })

  it("the field points where the flow goes", () => {
    const field = fieldOf({ ...first, learner: "dft" }, 0.7, 3)
    expect(field).toHaveLength(9)
    for (const { across, size, up } of field) {
      expect([across > 0, up < 0, Math.abs(size - Math.hypot(across, up)) < 1e-15]).toEqual([true, true, true])
    }
  })
})

describe("The sentence on a flow", () => {
  const said = (some: Partial<Setting>): string => {
    const setting = { ...first, ...some }
    return dynamicsSentence(setting, statesOf({ ...setting, horizon: 1 }))
  }

  it("says where the rates went, what is settled and where it rests", () => {
    expect(said({})).toMatch(
      /^By time 1 the rates go: p_S from 50 % to .*It never rests, but its path is settled: when p_S comes to 99 %, p_D\|W is at 52\.7 %/
    )
    expect(said({ learner: "sft", data: rates(0.7, 0.7, 0.3) })).toContain("deciding ends where it gains nothing")
    expect(said({ learner: "nsr" })).toContain("both are the gradient of accuracy")
    expect(said({ kl: "reward", beta: 0.5 })).toContain("It rests at")
    expect(said({ kl: "loss" })).toContain("0.467 at the start; here β is 0.1")
  })

  it("holds no number that is none, for every setting", () => {
    fc.assert(
      fc.property(settings, (setting) => {
        expect(dynamicsSentence(setting, statesOf(setting))).not.toMatch(/NaN|Infinity|undefined|null/)
      }),
      { numRuns: 20 }
    )
  })
})
