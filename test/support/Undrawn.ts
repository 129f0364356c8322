/**
 * Loaded before a process (`node --import`), leaves the report of the main job undrawn: to draw it takes longer than to train tiny models.
 *
 * @module
 */
import { registerHooks } from "node:module"

const REPORT = new URL("../../src/eval/report/Report.ts", import.meta.url).href

registerHooks({
  load: (url, context, next) =>
    url === REPORT
      ? {
        format: "module",
        shortCircuit: true,
        source: `import { Effect } from "effect"\nexport const renderReport = () => Effect.succeed("not drawn")`
      }
      : next(url, context)
})
