import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

const source = (folder: string) => fileURLToPath(new URL(`./src/${folder}/index.ts`, import.meta.url))

const areas = ["domain", "theory", "tasks", "engine", "model", "training", "eval", "laws"]

// They replace modules, globals or backends of the tensor library: each has a process of its own. All others share the loaded modules.
const ALONE = ["test/model/device/**/*.test.ts", "test/cli/Reproduce.test.ts", "test/cli/sweep/Sweep.test.ts", "test/training/Muon.test.ts"]

// The longest, in this order: one that starts last is waited for. The files' sizes, which are the rule on a clean checkout, say little here.
const LONGEST = ["Reproduce", "Sweep", "SweepProcesses", "Snippets", "TrainLearns"]

// Those alone first: a process that is shared ends where one alone comes between.
class Sequencer extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const sorted = await super.sort(files)
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const long = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))
      return (project.name === "alone" ? 0 : 1000) + (long < 0 ? LONGEST.length : long)
    }
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  resolve: {
    alias: [
      ...areas.map((area) => ({ find: `decision-sampling/${area}`, replacement: source(area) })),
      { find: /^decision-sampling$/, replacement: source(".") }
    ]
  },
  test: {
    testTimeout: 60_000,
    // Compiled code of the processes and threads that tests start, in the place where the program keeps its own.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") },
    // On two cores the default is one worker, which leaves a core idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: Sequencer },
    projects: [
      { extends: true, test: { name: "alone", include: ALONE, isolate: true } },
      { extends: true, test: { name: "shared", include: ["test/**/*.test.ts"], exclude: ALONE, isolate: false } }
    ]
  }
})
