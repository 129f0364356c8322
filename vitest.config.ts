import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const source = (folder: string) => fileURLToPath(new URL(`./src/${folder}/index.ts`, import.meta.url))

const areas = ["domain", "theory", "tasks", "engine", "model", "training", "eval", "laws"]

export default defineConfig({
  resolve: {
    alias: [
      ...areas.map((area) => ({ find: `decision-sampling/${area}`, replacement: source(area) })),
      { find: /^decision-sampling$/, replacement: source(".") }
    ]
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    // On two cores the default is one worker, which leaves a core idle.
    maxWorkers: Math.max(2, availableParallelism() - 1)
  }
})
