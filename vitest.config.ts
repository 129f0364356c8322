import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const source = (folder: string) => fileURLToPath(new URL(`./src/${folder}/index.ts`, import.meta.url))

const areas = ["domain", "theory", "tasks", "engine", "model", "training", "eval"]

export default defineConfig({
  resolve: {
    alias: Object.fromEntries(areas.map((area) => [`decision-sampling/${area}`, source(area)]))
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000
  }
})
