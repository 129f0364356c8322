import { describe, expect, it } from "vitest"
import { Effect } from "effect"
import { make } from "../../src/cli/Progress.ts"

const escape = "\u001b"
const parts = new RegExp(`${escape}\\[\\d*[AJ]|\n|\r|[^\n\r${escape}]+`, "g")

/** A screen that understands what progress writes: new lines, back to the line's start, up, and erasing to the end. */
const screen = (columns: number) => {
  let lines = [""]
  let row = 0
  return {
    out: {
      isTTY: true,
      columns,
      write: (text: string) => {
        for (const [part] of text.matchAll(parts)) {
          if (part === "\n") lines[++row] ??= ""
          else if (part === "\r") continue
          else if (part.endsWith("A")) row -= Number(part.slice(2, -1))
          else if (part.endsWith("J")) lines = [...lines.slice(0, row), ""]
          else lines[row] += part
        }
      }
    },
    lines: () => lines.map((line) => line.trimEnd())
  }
}

const timer = () => {
  let at = 0
  return { now: () => at, wait: (seconds: number) => void (at += 1000 * seconds) }
}

const run = <A>(effect: Effect.Effect<A>): A => Effect.runSync(effect)

describe("progress", () => {
  it("draws stages that run side by side under the lines of those that are done, and takes the bars back", () => {
    const { lines, out } = screen(200)
    const { now, wait } = timer()
    const progress = make(out, now)
    const [first, second] = [run(progress.stage("first", 10)), run(progress.stage("second", 4))]
    first.show(5, "loss 1")
    wait(1)
    second.show(1, "loss 2")
    expect(lines()).toEqual([
      "first                        ████████████░░░░░░░░░░░░ 5/10 0:01 (about 0:01 left) loss 1",
      "second                       ██████░░░░░░░░░░░░░░░░░░ 1/4 0:01 (about 0:03 left) loss 2"
    ])
    wait(1)
    run(first.done("loss 0"))
    expect(lines()).toEqual([
      "first                        0:02 loss 0",
      "second                       ██████░░░░░░░░░░░░░░░░░░ 1/4 0:02 (about 0:06 left) loss 2"
    ])
    run(first.done("and one more thing"))
    run(second.end)
    expect(lines()).toEqual(["first                        0:02 loss 0", "first                        0:02 and one more thing", ""])
  })

  it("draws a stage again that goes on after a line of its own", () => {
    const { lines, out } = screen(200)
    const stage = run(make(out, () => 0).stage("training", 2))
    run(stage.done("a remark"))
    stage.show(1, "loss 9")
    expect(lines()).toEqual([
      "training                     0:00 a remark",
      "training                     ████████████░░░░░░░░░░░░ 1/2 0:00 loss 9"
    ])
  })

  it("closed with bars still drawn, leaves them and begins a line; what is late changes nothing", () => {
    const { lines, out } = screen(200)
    const { now, wait } = timer()
    const progress = make(out, now)
    const stage = run(progress.stage("failing", 2))
    stage.show(1, "loss 9")
    run(progress.close)
    out.write("the error")
    wait(1)
    stage.show(2, "late")
    expect(lines()).toEqual(["failing                      ████████████░░░░░░░░░░░░ 1/2 0:00 loss 9", "the error"])
    run(progress.close)
    expect(lines()).toHaveLength(2)
  })

  it("keeps a bar on one line of a narrow terminal", () => {
    const { lines, out } = screen(40)
    const stage = run(make(out, () => 0).stage("narrow", 2))
    stage.show(1, "a text that would go over the edge")
    expect(lines().map((line) => line.length)).toEqual([39])
  })

  it("of a narrow terminal the bar is short, so that the time left stands on its line", () => {
    const { lines, out } = screen(80)
    const { now, wait } = timer()
    const stage = run(make(out, now).stage("grpo", 1000))
    wait(30)
    stage.show(100, "reward 0.512  p_sample 0.634")
    expect(lines()).toEqual(["grpo                         █░░░░░░░ 100/1000 0:30 (about 4:30 left) reward 0."])
  })

  it("says about how long a planned job will take, by the work that is done, that runs, and that turned out to be done already", () => {
    const written: Array<string> = []
    const { now, wait } = timer()
    const progress = make({ write: (text) => written.push(text) }, now)
    run(progress.plan([{ name: "long", work: 60 }, { name: "short", work: 20 }, { name: "kept", work: 900 }, { name: "beside", work: 20 }]))
    run(progress.skip("kept"))
    const long = run(progress.stage("long", 6))
    wait(30)
    // 30 of 100 in 30 s.
    long.show(3, "")
    expect(written.at(-1)).toContain("3/6 0:30  (about 1:10 left in all, 0 of 3 stages done)")
    wait(30)
    run(long.done("done"))
    expect(written.at(-1)).toBe("long                         1:00 done\n")
    const [short, beside] = [run(progress.stage("short", 2)), run(progress.stage("beside", 2))]
    wait(20)
    short.show(1, "")
    beside.show(1, "")
    // 80 of 100 in 80 s.
    expect(written.at(-1)).toContain("1/2 0:20  (about 0:20 left in all, 1 of 3 stages done)")
  })

  it("of a job that goes on, what an interrupted process did counts as done and not as speed", () => {
    const written: Array<string> = []
    const { now, wait } = timer()
    const progress = make({ write: (text) => written.push(text) }, now)
    // 900 of 1000 steps are there: 100 are left of this stage, 50 of the other.
    run(progress.plan([{ name: "resumed", work: 1000 }, { name: "fresh", work: 50 }], "of seed 2 (1 of 3)"))
    const resumed = run(progress.stage("resumed", 1000))
    wait(20)
    resumed.from(900)
    wait(30)
    // 50 of 150 in 50 s.
    resumed.show(950, "")
    expect(written.at(-1)).toContain("950/1000 0:50  (about 1:40 left of seed 2 (1 of 3), 0 of 2 stages done)")
    wait(50)
    run(resumed.done(""))
    const fresh = run(progress.stage("fresh", 50))
    wait(25)
    fresh.show(25, "")
    // 125 of 150 in 125 s.
    expect(written.at(-1)).toContain("(about 0:25 left of seed 2 (1 of 3), 1 of 2 stages done)")
    run(fresh.done(""))
    run(progress.stage("after the plan", 1)).show(1, "")
    expect(written.at(-1)).not.toContain("left")
  })

  it("says how many stages are done before there is enough to tell the time by", () => {
    const { lines, out } = screen(200)
    const { now, wait } = timer()
    const progress = make(out, now)
    run(progress.plan([{ name: "one", work: 100 }, { name: "two", work: 100 }]))
    const one = run(progress.stage("one", 100))
    wait(1)
    one.show(1, "")
    expect(lines().at(-1)).toBe("0 of 2 stages done")
    wait(1)
    one.show(10, "")
    expect(lines().at(-1)).toBe("about 0:38 left in all, 0 of 2 stages done")
  })

  it("of a stage by itself tells how long it will still take, where a run goes on by the steps of this process; hours have minutes", () => {
    const { lines, out } = screen(200)
    const { now, wait } = timer()
    const stage = run(make(out, now).stage("training", 10_000))
    wait(5)
    stage.from(5000)
    wait(100)
    stage.show(5001, "loss 1")
    expect(lines()).toEqual(["training                     ████████████░░░░░░░░░░░░ 5001/10000 1:45 loss 1"])
    wait(9900)
    stage.show(5100, "loss 1")
    expect(lines()[0]).toContain("5100/10000 2:46:45 (about 136:06:40 left) loss 1")
    wait(1)
    stage.show(10_000, "loss 1")
    expect(lines()[0]).not.toContain("left")
  })

  it("writes a line now and then where there is no terminal: no more often than every 15 seconds, and no control characters", () => {
    const written: Array<string> = []
    const { now, wait } = timer()
    const stage = run(make({ write: (text) => written.push(text) }, now).stage("reading", 100))
    for (let i = 0; i < 40; i++) {
      stage.show(i, "rows")
      wait(1)
    }
    expect(written).toEqual([
      "reading                      ████░░░░░░░░░░░░░░░░░░░░ 15/100 0:15 (about 1:25 left) rows\n",
      "reading                      ███████░░░░░░░░░░░░░░░░░ 30/100 0:30 (about 1:10 left) rows\n"
    ])
  })

  it("what a stage says cannot steer the terminal", () => {
    const written: Array<string> = []
    const stage = run(make({ isTTY: true, write: (text) => written.push(text) }, () => 0).stage("\u001b[2Jname", 1))
    run(stage.done("\u001b]0;title\u0007"))
    for (const code of ["[2J", "]0"]) expect(written.join("")).not.toContain(escape + code)
  })
})
