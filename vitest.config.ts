import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const source = (folder: string) => fileURLToPath(new URL(`./src/${folder}/index.ts`, import.meta.url))

export default defineConfig({
  resolve: {
    alias: {
      "decision-sampling/domain": source("domain"),
      "decision-sampling/theory": source("theory"),
      "decision-sampling/training": source("training"),
      "decision-sampling/eval": source("eval")
    }
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000
  }
})
