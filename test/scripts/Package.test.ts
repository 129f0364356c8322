/** package.json, the lock file and the pages that speak of them agree. */
import { existsSync, globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const read = (file: string): string => readFileSync(`${root}/${file}`, "utf8")

type Versions = Readonly<Record<string, string>>

const manifest = JSON.parse(read("package.json")) as {
  readonly version: string
  readonly scripts: Versions
  readonly dependencies: Versions
  readonly devDependencies: Versions
  readonly peerDependencies: Versions
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>
  readonly optionalDependencies?: Versions
}

const pages = ["README.md", "CONTRIBUTING.md", ...globSync("docs/{guide,decisions,benchmarks,results,theory}/*.md", { cwd: root })]

describe("package.json", () => {
  it("leaves effect to the user, once, and what only some need to those", () => {
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = manifest
    expect(Object.keys(dependencies).filter((name) => name in peerDependencies)).toEqual([])
    // Small, and made for this: npm goes on where it has no build.
    expect(optionalDependencies).toEqual({ koffi: expect.stringMatching(/^\d/) })
    const required = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true)
    expect(required).toEqual(["effect"])
  })

  it("has every peer in a clone, but for TensorFlow and llama.cpp, which bring half a gigabyte and more", () => {
    const absent = Object.keys(manifest.peerDependencies).filter((name) => !(name in manifest.devDependencies))
    expect(absent).toEqual(["@tensorflow/tfjs-node-gpu", "node-llama-cpp"])
  })

  it("imports from src name packages that are dependencies or peers", () => {
    const known = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)])
    const packageOf = (specifier: string): string => specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/")
    const unknown = globSync("src/**/*.ts", { cwd: root, exclude: ["src/model/device/assembly/**", "src/view/**"] }).flatMap((file) =>
      [...read(file).matchAll(/^(?:import|export)[^"'`;]*?\sfrom "([^".][^"]*)"|\bimport\("([^".][^"]*)"\)/gm)]
        .map(([, still, lazy]) => (still ?? lazy)!)
        .filter((specifier) => !specifier.startsWith("node:") && !known.has(packageOf(specifier)))
        .map((specifier) => `${file}: ${specifier}`)
    )
    // A clone makes the page of `view` when it is looked at; the package has it made.
    expect(unknown).toEqual(["src/cli/view/Bundle.ts: rolldown"])
  })

  it("bundles into the page what packages of developers it imports, and nothing that the other sources import is among them", () => {
    const bundled = new Set(
      globSync("src/view/**/*.{ts,tsx}", { cwd: root }).flatMap((file) =>
        [...read(file).matchAll(/^(?:import|export)[^"'`;]*?\sfrom "([^".][^"]*)"/gm)].map(([, specifier]) => specifier!.split("/")[0]!)
      )
    )
    expect([...bundled].filter((name) => name !== "effect" && !(name in manifest.devDependencies))).toEqual([])
    // What the server takes from the page's sources is types and pure functions.
    for (const file of ["Api.ts", "FilterParams.ts", "StaticData.ts"]) expect(read(`src/view/${file}`)).not.toMatch(/from "(?:preact|d3-)/)
  })

  it("is of the version that the changelog begins with, dated", () => {
    expect(/^## \[([^\]]+)\] - \d{4}-\d\d-\d\d$/m.exec(read("CHANGELOG.md"))?.[1]).toBe(manifest.version)
  })

  it("is locked without the address of a registry", () => {
    expect(read("package-lock.json")).not.toContain("\"resolved\"")
  })
})

describe("The pages", () => {
  it("name scripts and files that exist", () => {
    const missing = pages.flatMap((page) => {
      const scripts = [...read(page).matchAll(/npm run (?:--silent )?([\w:]+)/g)].filter((match) =>
        manifest.scripts[match[1]!] === undefined
      )
      const files = [...read(page).matchAll(/\bnode (scripts\/[\w-]+\.\w+)/g)].filter((match) => !existsSync(`${root}/${match[1]}`))
      return [...scripts, ...files].map(([text]) => `${page}: ${text}`)
    })
    expect(missing).toEqual([])
  })

  it("name the version of koffi that comes along, as the program's advice does", () => {
    const { koffi } = manifest.optionalDependencies!
    const told = [...pages, "src/model/device/Blas.ts"].flatMap((page) =>
      [...read(page).matchAll(/\bkoffi@([\d.]*\d)/g)].map(([, version]) => version)
    )
    expect(new Set(told)).toEqual(new Set([koffi]))
  })

  it("name the versions of optional packages that fit", () => {
    const wrong = pages.flatMap((page) =>
      [...read(page).matchAll(/((?:@tensorflow\/tfjs-(?:backend-webgpu|node-gpu))|\bwebgpu|\bnode-llama-cpp)@([\d.]+)/g)]
        .filter(([, name, version]) => manifest.peerDependencies[name!]!.replace("^", "") !== version)
        .map(([text]) => `${page}: ${text}`)
    )
    expect(wrong).toEqual([])
  })
})
