/**
 * Makes each mistake of `mutations.ts` in a copy of the tree and runs the tests that have to notice it.
 *
 *   node scripts/mutate.ts [part of a file name …]
 *
 * Prints killed or survived for each, and exits 1 if any survived or no longer fits its file.
 */
import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Mutation, MUTATIONS } from "./mutations.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const COPIED = ["src", "test", "package.json", "tsconfig.json", "vitest.config.ts"]
const TIME_LIMIT_MS = 120_000

const filters = process.argv.slice(2)
const chosen = MUTATIONS.filter(({ file }) => filters.length === 0 || filters.some((part) => file.includes(part)))

const copyTree = (): string => {
  const copy = mkdtempSync(join(tmpdir(), "decision-sampling-mutate-"))
  for (const path of COPIED) cpSync(join(root, path), join(copy, path), { recursive: true })
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "dir")
  return copy
}

/** A run that hangs counts as failed: a mistake that stops a test from ending is noticed. */
const testsPass = (copy: string, tests: ReadonlyArray<string>, timeout = TIME_LIMIT_MS): boolean => {
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs")
  const run = spawnSync(process.execPath, [vitest, "run", "--bail=1", "--reporter=dot", ...tests], {
    cwd: copy,
    stdio: "ignore",
    timeout
  })
  return run.status === 0
}

const outcome = (copy: string, { file, mutated, original, tests }: Mutation): "killed" | "survived" | "does not fit" => {
  const path = join(copy, file)
  const source = readFileSync(path, "utf8")
  if (source.split(original).length !== 2) return "does not fit"
  writeFileSync(path, source.replace(original, () => mutated))
  const passed = testsPass(copy, tests)
  writeFileSync(path, source)
  return passed ? "survived" : "killed"
}

const oneLine = (text: string): string => (text === "" ? "(removed)" : text.replaceAll(/\s+/g, " "))

const copy = copyTree()
let unkilled = 0
try {
  if (!testsPass(copy, [...new Set(chosen.flatMap(({ tests }) => tests))], 10 * TIME_LIMIT_MS)) {
    throw new Error("the tests fail without any mistake; mend them before looking for what they miss")
  }
  for (const mutation of chosen) {
    const result = outcome(copy, mutation)
    if (result !== "killed") unkilled++
    const change = `${oneLine(mutation.original)}  →  ${oneLine(mutation.mutated)}`
    process.stdout.write(`${result.padEnd(12)}  ${mutation.file}  ${change}\n`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
process.stdout.write(`${chosen.length - unkilled} of ${chosen.length} mistakes killed\n`)
process.exitCode = unkilled === 0 ? 0 : 1
