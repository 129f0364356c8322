import fc from "fast-check"
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { ATTRIBUTION_METRICS, STEP_METRICS } from "../../src/domain/MetricNames.ts"
import type { Metrics, RunInfo } from "../../src/view/Api.ts"
import { apart, curveGroups } from "../../src/view/runs/MetricGroups.ts"
import { attributionName, meaningOf } from "../../src/view/runs/MetricWords.ts"
import { placesOf, runStyle, seriesOf, stepAt, valueAt } from "../../src/view/runs/RunCurves.ts"
import { chosenRuns, keepPlaces, nearestStep, settingRows, stateOf } from "../../src/view/runs/RunWords.ts"
import { smoothed, weightOf } from "../../src/view/runs/Smooth.ts"
import { thinned } from "../../src/view/runs/Thin.ts"

const value = fc.integer({ min: -20, max: 20 }).map((n) => n / 4)
const values = fc.array(fc.option(value, { freq: 5 }), { maxLength: 60 })

const run = (changes: Partial<RunInfo> = {}): RunInfo => ({
  id: "r1",
  name: "a run",
  path: "/runs/a",
  by: "train",
  metrics: [],
  points: 10,
  lastStep: 10,
  steps: 100,
  isRunning: false,
  settings: {},
  sets: [],
  problem: null,
  ...changes
})

const metricsOf = (series: Metrics["series"], steps: ReadonlyArray<number>, every = 1): Metrics => ({ run: "r1", steps, series, every })

describe("smoothing", () => {
  it("of weight 0 is the values, of any weight a constant's is the constant", () => {
    fc.assert(fc.property(values, fc.integer({ min: 0, max: 9 }), value, (all, tenths, constant) => {
      expect(smoothed(all, 0)).toEqual(all)
      for (const found of smoothed(all.map((one) => (one === null ? null : constant)), tenths / 10)) {
        if (found !== null) expect(found).toBeCloseTo(constant, 10)
      }
    }))
  })

  it("is the weighted mean of the values so far, the newest with weight 1 and each one before with w times that", () => {
    fc.assert(fc.property(values, fc.integer({ min: 1, max: 9 }), (all, tenths) => {
      const w = tenths / 10
      const found = smoothed(all, w)
      all.forEach((one, i) => {
        if (one === null) return expect(found[i]).toBeNull()
        const before = all.slice(0, i + 1).filter((each) => each !== null)
        const weights = before.map((_, k) => w ** (before.length - 1 - k))
        const mean = before.reduce((sum, each, k) => sum + each * weights[k]!, 0) / weights.reduce((a, b) => a + b, 0)
        expect(found[i]).toBeCloseTo(mean, 9)
      })
    }))
  })

  it("takes a weight from an address only where it is one", () => {
    expect(["0.6", "7", "-1", "abc", "NaN", null].map(weightOf)).toEqual([0.6, 0.99, 0, 0, 0, 0])
  })
})

describe("thinning", () => {
  const series = fc.array(value, { minLength: 1, maxLength: 300 }).map((ys) => ys.map((y, x) => ({ x, y })))

  it("keeps the smallest and the largest value, the order, and no more points than asked for", () => {
    fc.assert(fc.property(series, fc.integer({ min: 2, max: 40 }), (points, most) => {
      const few = thinned(points, most)
      expect(few.length).toBeLessThanOrEqual(most)
      expect(few.every((point, i) => points.includes(point as { x: number; y: number }) && (i === 0 || few[i - 1]!.x < point.x))).toBe(true)
      const ys = (all: ReadonlyArray<{ readonly y: number | null }>) => all.map(({ y }) => y!)
      expect(Math.max(...ys(few))).toBe(Math.max(...ys(points)))
      expect(Math.min(...ys(few))).toBe(Math.min(...ys(points)))
    }))
  })

  it("leaves a short series as it is, without points that have no value", () => {
    expect(thinned([{ x: 1, y: 2 }, { x: 2, y: null }, { x: 3, y: 1 }])).toEqual([{ x: 1, y: 2 }, { x: 3, y: 1 }])
  })
})

describe("names of metrics", () => {
  it("are explained in docs/metrics.md word for word as in the list that the page has them from", () => {
    const text = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8")
    const rows = text.split("\n## ")[0]!.split("\n").filter((line) => line.startsWith("| `")).map((line) =>
      line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll("\\|", "|"))
    )
    const list = [...STEP_METRICS, ...ATTRIBUTION_METRICS]
    expect(rows.map(([, meaning]) => meaning)).toEqual(list.map(({ meaning }) => meaning))
    const lastPart = (name: string): string => name.split("/").at(-1)!
    expect(rows.map(([names = ""]) => [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => lastPart(name)))).toEqual(
      list.map(({ names }) => names.map(lastPart))
    )
  })

  it("find their meaning, also of parts and of gradients", () => {
    expect(meaningOf("loss/part/surrogate")).toContain("one leaf of the objective")
    expect(meaningOf("completions/max_length")).toContain("tokens after the prompt")
    expect(meaningOf("attribution/kl-k3/norm_sampling")).toContain("‖g_k‖ by name")
    expect(meaningOf("attribution/total/covariance")).toContain("of every pair")
    expect(meaningOf("train/grad_norm")).toBeUndefined()
    expect(meaningOf("loss")).not.toMatch(/decision \d|`/)
  })

  it("of gradients are taken apart", () => {
    expect(attributionName("attribution/a/b/norm_my_policy")).toEqual({ part: "a/b", kind: "norm", of: "my_policy" })
    expect(attributionName("attribution/total/cosine")).toEqual({ part: "total", kind: "cosine", of: "" })
    expect(attributionName("attribution/total/else")).toBeUndefined()
  })
})

describe("groups of charts", () => {
  const names = [
    "reward",
    "reward_std",
    "p_sample",
    "p_resample_given_wrong",
    "entropy/sampling",
    "kl",
    "loss",
    "loss/part/nll",
    "grad_norm",
    "attribution/total/norm_sampling",
    "attribution/total/norm_decision",
    "attribution/kl-k3/norm_sampling",
    "attribution/total/cosine",
    "attribution/total/signal_sampling",
    "rewards/format/mean",
    "something of mine",
    "num_tokens"
  ]

  it("draw every metric once, and nothing that was not measured", () => {
    fc.assert(fc.property(fc.shuffledSubarray(names), (some) => {
      const drawn = curveGroups(some).flatMap(({ charts }) => charts).flatMap(({ curves }) => curves.map(({ metric }) => metric))
      expect(drawn.toSorted()).toEqual(some.toSorted())
    }))
  })

  it("hold norms of one part together and fold what nobody asked for", () => {
    const groups = curveGroups(names)
    const charts = (name: string) => groups.find((group) => group.name === name)!.charts
    expect(groups.map(({ isFolded, name }) => [name, isFolded])).toEqual([
      ["Reward", false],
      ["Sampling and deciding", false],
      ["Gradient by sub-policy", false],
      ["Policy: entropy, KL, clipping", false],
      ["Optimizer", false],
      ["Everything else", true]
    ])
    expect(charts("Gradient by sub-policy").map(({ curves, title }) => [title, curves.length])).toEqual([
      ["‖g_S‖, ‖g_D‖ of the whole objective", 2],
      ["cos(g_S, g_D) of the whole objective", 1],
      ["‖g_S‖ of kl-k3", 1]
    ])
    expect(charts("Sampling and deciding")[0]!.curves.map(({ label }) => label)).toEqual(["p_S", "p_D|W"])
    expect(charts("Sampling and deciding")[0]!.title).toBe("p_S, p_D|W")
    expect(apart(charts("Sampling and deciding")[0]!).map(({ title }) => title)).toEqual(["p_S", "p_D|W"])
    expect(charts("Everything else").map(({ id }) => id)).toContain("something of mine")
  })
})

describe("curves of runs", () => {
  const metrics = metricsOf({ loss: [3, null, 1], num_tokens: [10, 20, 30] }, [5, 6, 7])
  const chart = { id: "loss", title: "loss", unit: "loss", curves: [{ metric: "loss", label: "loss", color: "#2067AD" }] }

  it("count tokens as a running sum; TRL's are one already", () => {
    expect(placesOf(run(), metrics, "tokens")).toEqual([10, 30, 60])
    expect(placesOf(run(), metricsOf({ num_tokens: [10, 20] }, [1, 3], 2), "tokens")).toEqual([20, 60])
    expect(placesOf(run({ by: "trl" }), metrics, "tokens")).toEqual([10, 20, 30])
    expect(placesOf(run(), metricsOf({ loss: [1] }, [1]), "tokens")).toEqual([null])
    expect(placesOf(run(), metrics, "steps")).toEqual([5, 6, 7])
  })

  it("of one run have the metric's colour, of several the run's, whichever others are shown", () => {
    const shown = [{ run: run(), place: 2, metrics }, { run: run({ id: "r2", name: "another" }), place: 5, metrics }]
    const color = (all: typeof shown) => seriesOf(chart, all, { axis: "steps", weight: 0 }).map(({ color }) => color)
    expect(color(shown.slice(0, 1))).toEqual(["#2067AD"])
    expect(color(shown)).toEqual([runStyle(2).color, runStyle(5).color])
    expect(color(shown.toReversed())).toEqual([runStyle(5).color, runStyle(2).color])
  })

  it("when smoothed stand before the values as they are, faint", () => {
    const found = seriesOf(chart, [{ run: run(), place: 0, metrics }], { axis: "steps", weight: 0.5 })
    expect(found.map(({ isFaint }) => isFaint === true)).toEqual([true, false])
    expect(found[0]!.points).toEqual([{ x: 5, y: 3 }, { x: 7, y: 1 }])
    expect(found[1]!.points[1]!.y).toBeCloseTo((3 * 0.5 + 1) / 1.5, 12)
  })

  it("say a value at a step, or the last before it with its step", () => {
    expect(valueAt(metrics, "loss", 6)).toEqual({ step: 5, value: 3 })
    expect(valueAt(metrics, "loss", 5)).toEqual({ step: 5, value: 3 })
    expect(valueAt(metrics, "loss", 99)).toEqual({ step: 7, value: 1 })
    expect(valueAt(metrics, "loss", 4)).toBeUndefined()
    expect(valueAt(metrics, "kl", 6)).toBeUndefined()
    expect(stepAt({ run: run(), place: 0, metrics }, "tokens", 44)).toBe(6)
  })
})

describe("words of runs", () => {
  it("say whether a run goes on, is done, stopped or cannot be read", () => {
    const say = (changes: Partial<RunInfo>) => stateOf(run(changes))
    expect(say({ isRunning: true })).toEqual({ kind: "running", words: "running, step 10 of 100" })
    expect(say({ lastStep: 100 })).toEqual({ kind: "finished", words: "finished, 100 steps" })
    expect(say({})).toEqual({ kind: "stopped", words: "stopped at step 10 of 100" })
    expect(say({ steps: null }).words).toBe("10 steps, not written to in the last minute")
    expect(say({ points: 0, lastStep: null }).kind).toBe("empty")
    expect(say({ points: 0, lastStep: null, problem: "no such file" })).toEqual({ kind: "failed", words: "not readable: no such file" })
    expect(say({ problem: "3 lines are no step’s" }).words).toContain("3 lines are no step’s")
  })

  it("choose those of the address, else those that run, else the first with values", () => {
    const runs = [run({ id: "a", points: 0 }), run({ id: "b" }), run({ id: "c", isRunning: true })]
    const ids = (query: string, all = runs) => chosenRuns(all, new URLSearchParams(query)).map(({ id }) => id)
    expect(ids("run=b&run=a")).toEqual(["a", "b"])
    expect(ids("run=none")).toEqual([])
    expect(ids("")).toEqual(["c"])
    expect(ids("", runs.slice(0, 2))).toEqual(["b"])
  })

  it("lay settings side by side and know which differ; a setting of a prototype is none", () => {
    const rows = settingRows([{ settings: { seed: "1", lr: "0.1" } }, { settings: { seed: "1", kl: "0" } }, {
      settings: { seed: "1", constructor: "x" }
    }])
    expect(rows.map(({ isSame, name, values }) => [name, values, isSame])).toEqual([
      ["seed", ["1", "1", "1"], true],
      ["lr", ["0.1", null, null], false],
      ["kl", [null, "0", null], false],
      ["constructor", [null, null, "x"], false]
    ])
  })

  it("keep the place of a run whatever others appear", () => {
    const first = keepPlaces(new Map(), ["b", "c"])
    expect([...keepPlaces(first, ["a", "b", "c"])]).toEqual([["b", 0], ["c", 1], ["a", 2]])
  })

  it("find the nearest step with rollouts", () => {
    expect(nearestStep([0, 10, 20], 14)).toBe(10)
    expect(nearestStep([], 14)).toBeUndefined()
  })
})
