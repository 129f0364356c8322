/**
 * Packs the package, installs the tarball in empty folders as users would, and uses it there. In order: the linters of packages; the
 * theory with nothing else installed; size, types, entry points, source maps and program of a plain installation; a bundle
 * for a browser; the law kits under the user's own vitest. The programs stand in test/pack.
 */
import { build } from "esbuild"
import assert from "node:assert"
import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, existsSync, globSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** What a plain installation may weigh on disk, koffi's 4 MB included. It was 340 MB before GPU packages became optional peers. */
const MOST_MEGABYTES = 210

/** Packages that only those install who want them. */
const OPTIONAL = [
  "webgpu",
  "@tensorflow/tfjs-backend-webgpu",
  "@tensorflow/tfjs-node-gpu",
  "vitest",
  "@effect/vitest",
  "fast-check",
  "node-llama-cpp"
]

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const folder = mkdtempSync(join(tmpdir(), "decision-sampling-pack-"))
const home = join(folder, "consumer")
// Native libraries of whoever runs this are none of a plain installation.
process.env["XDG_CACHE_HOME"] = join(folder, "cache")
const installed = join(home, "node_modules", "decision-sampling")

const run = (command: string, args: ReadonlyArray<string>, cwd: string): string => {
  console.log(`$ ${command === process.execPath ? "node" : command} ${args.join(" ").replaceAll(root, ".").slice(0, 200)}`)
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim()
}
const node = (args: ReadonlyArray<string>, cwd = home): string => run(process.execPath, args, cwd)
const tool = (path: string): string => join(root, "node_modules", path)
const program = (name: string): string => join(root, "test", "pack", name)
const install = (packages: ReadonlyArray<string>): string =>
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...packages], home)

const megabytesOf = (path: string): number =>
  globSync("**/*", { cwd: path }).reduce((sum, file) => sum + lstatSync(join(path, file)).blocks * 512, 0) / 2 ** 20

const lintPackage = (tarball: string): void => {
  console.log(node([tool("publint/src/cli.js"), "run", tarball, "--strict"], root))
  // The package is ESM only, so what CommonJS and the resolution of Node 10 make of it is left out.
  console.log(node([tool("@arethetypeswrong/cli/dist/index.js"), tarball, "--profile", "esm-only", "--format", "ascii", "--summary"], root))
  const files = run("tar", ["tzf", tarball], folder).split("\n")
  assert.deepStrictEqual(files.filter((file) => /^package\/(docs\/(results|benchmarks)|test|bench|scripts)\//.test(file)), [])
}

/** The theory needs nothing but the package: no dependency, no peer. */
const checkTheoryAlone = (tarball: string): void => {
  const alone = join(folder, "alone")
  const target = join(alone, "node_modules", "decision-sampling")
  mkdirSync(target, { recursive: true })
  run("tar", ["xzf", tarball, "-C", target, "--strip-components=1"], alone)
  const source = `
    import { CLAIMS, twoStageAccuracy } from "decision-sampling/theory"
    console.log(CLAIMS.length, twoStageAccuracy({ sampleCorrect: 0.5, stopGivenCorrect: 0.9, resampleGivenWrong: 0.9 }).toFixed(3))`
  console.log(`theory alone: ${node(["--input-type=module", "-e", source], alone)}`)
}

const installPlainly = (tarball: string): void => {
  mkdirSync(home)
  writeFileSync(join(home, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }))
  const startedAt = performance.now()
  const [added] = install([tarball, "effect"]).split("\n")
  const seconds = (performance.now() - startedAt) / 1000
  const megabytes = megabytesOf(join(home, "node_modules"))
  console.log(`installed: ${megabytes.toFixed(0)} MB in ${seconds.toFixed(1)} s (${added})`)
  assert.ok(megabytes <= MOST_MEGABYTES, `an installation weighs ${megabytes.toFixed(0)} MB, more than ${MOST_MEGABYTES}`)
  assert.deepStrictEqual(OPTIONAL.filter((name) => existsSync(join(home, "node_modules", name))), [])
  // Two copies of effect make layers that do not fit together.
  assert.deepStrictEqual(globSync("node_modules/**/node_modules/effect", { cwd: home }), [])
}

/** The type errors of the consumer's program without skipLibCheck, as the compiler prints them. */
const typeErrors = (types: ReadonlyArray<string>, lib: ReadonlyArray<string>): ReadonlyArray<string> => {
  const compilerOptions = { strict: true, noEmit: true, module: "nodenext", target: "es2024", lib, types, skipLibCheck: false }
  writeFileSync(join(home, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts", "extensions.ts"] }))
  console.log(`$ tsc -p . # types ${types.join() || "none"}, lib ${lib.join()}`)
  const compiler = spawnSync(process.execPath, [tool("typescript/bin/tsc"), "-p", ".", "--pretty", "false"], {
    cwd: home,
    encoding: "utf8"
  })
  return compiler.stdout.split("\n").filter((line) => /: error TS/.test(line))
}

/** Types hold without skipLibCheck, in Node without the DOM and in a browser without Node. Errors in others' declarations are theirs. */
const checkTypes = (): void => {
  const isOurs = (line: string): boolean => line.startsWith("node_modules/decision-sampling/")
  const errors = typeErrors(["node"], ["es2024"])
  const ours = errors.filter((line) => isOurs(line) || !line.startsWith("node_modules/"))
  assert.deepStrictEqual([...ours, ...typeErrors([], ["es2024", "dom"]).filter(isOurs)], [])
  console.log(`types: none of ours; ${errors.length} errors in declarations of dependencies`)
}

/** Every map names sources that are there, and a stack trace leads to the line that threw. */
const checkSourceMaps = (): void => {
  const maps = globSync("dist/**/*.map", { cwd: installed })
  assert.ok(maps.length > 400)
  const lost = maps.flatMap((map) => {
    const { sources } = JSON.parse(readFileSync(join(installed, map), "utf8")) as { readonly sources: ReadonlyArray<string> }
    return sources.filter((source) => !existsSync(join(installed, dirname(map), source))).map((source) => `${map}: ${source}`)
  })
  assert.deepStrictEqual(lost, [])
  const source = `
    import { klDivergence } from "decision-sampling/theory"
    try { klDivergence([0], [0, 0]) } catch (error) { console.log(error.stack) }`
  const stack = node(["--enable-source-maps", "--input-type=module", "-e", source])
  const [, file, line] = /decision-sampling\/(src\/theory\/[\w/]+\.ts):(\d+):\d+/.exec(stack) ?? []
  assert.ok(file !== undefined, `the stack trace names no source:\n${stack}`)
  const text = readFileSync(join(installed, file), "utf8").split("\n")[Number(line) - 1]!
  assert.match(text, /throw new TheoryError/)
  console.log(`source maps: ${maps.length}, all with sources; a trace leads to ${file}:${line}: ${text.trim()}`)
}

const checkProgram = (): void => {
  const bin = join(installed, "bin", "decision-sampling.mjs")
  console.log(node([bin, "--version"]))
  const { devices } = JSON.parse(node([bin, "doctor", "--json"])) as {
    readonly devices: ReadonlyArray<{ readonly name: string; readonly isUsable: boolean; readonly reason?: string }>
  }
  assert.deepStrictEqual(devices.filter(({ isUsable }) => isUsable).map(({ name }) => name), ["wasm", "cpu"])
  assert.match(
    devices.find(({ name }) => name === "nodeGpu")!.reason ?? "",
    /install-native tensorflow-gpu|npm install @tensorflow\/tfjs-node-gpu@/
  )
  assert.match(node([bin, "theory", "appendix-c"]), /\d/)
  // The Python files lie beside the program that writes them.
  const exported = join(installed, "..", "..", "exported")
  node([bin, "export", "verl", "--examples", "512", "--out", exported])
  assert.ok(existsSync(join(exported, "reward_manager.py")) && existsSync(join(exported, "decision_sampling_grading.py")))
  // The page of `view` comes with the package: no bundler is installed with it.
  const rows = join(home, "rollouts.jsonl")
  writeFileSync(rows, `${JSON.stringify({ prompt: "2*3", response: "The answer is 6.", answer: "6" })}\n`)
  const site = join(home, "site")
  console.log(node([bin, "view", rows, "--export", site]))
  assert.ok(existsSync(join(site, "app.js")) && existsSync(join(site, "data", "overview.json")))
}

/** The tabular policy trains in a browser: nothing in the bundle is imported, and it runs where Node's modules are refused. */
const checkBrowser = async (): Promise<void> => {
  cpSync(program("Browser.ts"), join(home, "browser.ts"))
  const bundle = join(home, "browser.js")
  const { metafile } = await build({
    entryPoints: [join(home, "browser.ts")],
    outfile: bundle,
    absWorkingDir: home,
    bundle: true,
    minify: true,
    platform: "browser",
    format: "esm",
    metafile: true
  })
  const [output] = Object.values(metafile.outputs)
  assert.deepStrictEqual(output!.imports, [])
  assert.deepStrictEqual(
    Object.entries(output!.inputs).filter(([file, { bytesInOutput }]) => file.includes("@tensorflow") && bytesInOutput > 0),
    []
  )
  const source = readFileSync(bundle, "utf8")
  assert.doesNotMatch(source, /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["']node:/)
  // A fresh context has the language and what is handed in here, which every browser has: no process, no require, no import.
  const runner = `
    import { readFileSync } from "node:fs"
    import { createContext, SourceTextModule } from "node:vm"
    const { AbortController, clearInterval, clearTimeout, console, crypto, performance, queueMicrotask, setInterval, setTimeout, TextDecoder, TextEncoder, URL } = globalThis
    const context = createContext({ AbortController, clearInterval, clearTimeout, console, crypto, performance, queueMicrotask, setInterval, setTimeout, TextDecoder, TextEncoder, URL })
    const module = new SourceTextModule(readFileSync(${JSON.stringify(bundle)}, "utf8"), { context })
    await module.link((specifier) => { throw new Error("the bundle imports " + specifier) })
    await module.evaluate()`
  const printed = node(["--experimental-vm-modules", "--disable-warning=ExperimentalWarning", "--input-type=module", "-e", runner])
  const { after, before, step } = JSON.parse(printed) as Readonly<Record<"before" | "after" | "step", number>>
  assert.ok(after > before + 0.2 && step === 20, `training in the bundle ended at ${printed}`)
  console.log(`browser bundle: ${(output!.bytes / 1000).toFixed(0)} kB; 20 steps of GRPO took accuracy from ${before} to ${after}`)
}

const checkLaws = (): void => {
  install(["--save-dev", "vitest@5", "@effect/vitest@4", "fast-check@4"])
  cpSync(program("Laws.ts"), join(home, "laws.test.ts"))
  const outcome = join(home, "laws.json")
  node([join(home, "node_modules", "vitest", "vitest.mjs"), "run", "--reporter=json", `--outputFile=${outcome}`])
  const report = JSON.parse(readFileSync(outcome, "utf8")) as { readonly success: boolean; readonly numPassedTests: number }
  assert.ok(report.success && report.numPassedTests >= 15)
  console.log(`laws: ${report.numPassedTests} pass for the installed tabular policy`)
}

try {
  run("npm", ["pack", "--silent", "--pack-destination", folder], root)
  const [name] = globSync("*.tgz", { cwd: folder })
  const tarball = join(folder, name!)
  console.log(`tarball: ${(lstatSync(tarball).size / 1000).toFixed(0)} kB`)
  lintPackage(tarball)
  checkTheoryAlone(tarball)
  installPlainly(tarball)
  checkSourceMaps()
  checkProgram()
  await checkBrowser()
  install(["--save-dev", "@types/node@22"])
  cpSync(program("Consumer.ts"), join(home, "consumer.ts"))
  console.log(node(["consumer.ts"]))
  cpSync(program("Extensions.ts"), join(home, "extensions.ts"))
  console.log(`extensions from outside: ${node(["extensions.ts"])}`)
  checkTypes()
  checkLaws()
  console.log("The packed package lints, installs, type-checks, runs, is extended, bundles and keeps its laws.")
} finally {
  rmSync(folder, { recursive: true, force: true })
}
