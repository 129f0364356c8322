/**
 * The report's configuration, seeds and instructions to repeat the run.
 *
 * @module
 */
import { html } from "./Html.ts"
import type { Machine } from "../results/Machine.ts"
import type { Results } from "../results/Results.ts"
import { usedOf } from "../results/Used.ts"
import { list } from "./Words.ts"
import type { Section } from "./Page.ts"
import { table } from "./Table.ts"

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`

// The device as results.json has it tells of unusual products alone; the file beside it tells of the machine.
const deviceRows = (device: string | undefined, machine: Machine | undefined): ReadonlyArray<readonly [string, string]> =>
  machine === undefined
    ? [["device", device ?? "not recorded (by default: wasm, relaxed products by own kernels)"]]
    : [
      ["device", `${machine.device}, ${machine.products}`],
      ["processor", `${machine.processor}, ${machine.cores} cores, ${gigabytes(machine.memory)}`],
      ["threads", String(machine.workers)],
      ["system", `${machine.platform}, Node ${machine.node}`],
      ...(machine.fromCache === undefined || machine.fromCache === 0
        ? []
        : [
          ["stages found in the cache", `${machine.fromCache}, computed before, on this machine or another of the same arithmetic`] as const
        ])
    ]

/** Renders what the run was and how to repeat it. */
export const configurationSection = (results: Results): Section => {
  const { device, machine, models, preset, seed, task, timings } = results
  const used = usedOf(models, task.testLevels)
  const bootstrap = models[0]?.calibration.bootstrap
  return {
    id: "configuration",
    title: "Configuration, seeds and how to reproduce",
    short: "Configuration and device",
    body: html`
${
      table({
        caption: "Configuration",
        columns: ["Setting", "Value"],
        rows: [
          ["preset", preset],
          ["seed", seed],
          ...deviceRows(device, machine),
          ...(task.model === undefined ? [] : [["pretrained model", task.model]]),
          ["base of the numerals", task.radix],
          ["trained levels", list(task.trainLevels)],
          ["tested levels", list(task.testLevels)],
          ["problems a level, asked for", `${task.testPerLevel}, or all there are`],
          ["problems a level, used", used.levels.map(({ level, problems }) => `${level}: ${problems}`).join(", ")],
          ["responses to each problem", used.generations ?? "not known"],
          [task.model === undefined ? "attempts allowed" : "most attempts of a response", task.cap],
          ["bootstrap", bootstrap === undefined ? "none" : `${bootstrap.rounds} rounds, seed ${bootstrap.seed}`],
          ["format of results.json", results.version]
        ]
      })
    }
<details><summary>Models</summary>${
      table({
        caption: "Models",
        columns: ["Model", "id", "stage", "start", "trained from", "steps"],
        rows: models.map((
          model
        ) => [
          model.label,
          model.id,
          model.stage,
          model.start ?? "–",
          model.parent ?? (task.model === undefined ? "random weights" : task.model),
          model.steps
        ])
      })
    }</details>
${
      timings === undefined ? null : html`<details><summary>Wall time</summary>${
        table({
          caption: "Wall time in seconds (what differs between equal runs; 0: found in the cache)",
          columns: ["Stage", "Seconds"],
          rows: Object.entries(timings).map(([stage, seconds]) => [stage, seconds.toFixed(1)])
        })
      }</details>`
    }
<h3>To reproduce</h3>
<p>In a clone of the repository: <code>npx decision-sampling reproduce --preset ${preset} --seed ${seed}</code>. The same seed on the same device gives the same
data, rollouts and figures. All numbers of this page are in <code>results.json</code> beside it.</p>`
  }
}
