/**
 * The programs that installing a native library needs: pip, npm, a C++ compiler. What is missing is said with the command that installs it.
 *
 * @module
 */
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { basename } from "node:path"
import { Effect } from "effect"
import { InstallError } from "./InstallError.ts"

/** A program with the arguments that always come first. */
export type Program = readonly [name: string, ...first: ReadonlyArray<string>]

/** How a program ended and what it printed, as far as that was not shown. */
export interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Where a program works and what becomes of its output: `shown` on standard error, or `kept`. */
export interface RunOptions {
  readonly output: "shown" | "kept"
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a program to its end; undefined where there is no such program. It is stopped when the effect is interrupted. */
export const run = ([name, ...first]: Program, args: ReadonlyArray<string>, options: RunOptions): Effect.Effect<Ended | undefined> =>
  Effect.callback<Ended | undefined>((resume) => {
    const child = spawn(name, [...first, ...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: options.output === "shown" ? ["ignore", process.stderr, process.stderr] : ["ignore", "pipe", "pipe"]
    })
    const printed = { stdout: "", stderr: "" }
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (printed.stdout += text))
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (printed.stderr += text))
    child.on("error", () => resume(Effect.succeed(undefined)))
    child.on("close", (status) => resume(Effect.succeed({ status: status ?? 1, ...printed })))
    return Effect.sync(() => {
      child.kill()
    })
  })

/** A package of the system, for each family of systems. */
interface SystemPackage {
  readonly what: string
  readonly commands: Readonly<Record<string, string>>
  readonly otherwise: string
}

const compilerPackage: SystemPackage = {
  what: "a C++ compiler (g++ or clang++; CXX may name another)",
  commands: {
    debian: "apt-get install g++",
    fedora: "dnf install gcc-c++",
    suse: "zypper install gcc-c++",
    arch: "pacman -S gcc"
  },
  otherwise: "Install g++ or clang++ with the system's package manager"
}

const pipPackage: SystemPackage = {
  what: "Python with pip (python3; PYTHON may name another), which downloads the file",
  commands: {
    debian: "apt-get install python3-pip",
    fedora: "dnf install python3-pip",
    suse: "zypper install python3-pip",
    arch: "pacman -S python-pip",
    alpine: "apk add py3-pip",
    windows: "winget install Python.Python.3.12"
  },
  otherwise: "Install Python 3 with pip with the system's package manager"
}

const npmPackage: SystemPackage = { what: "npm, which comes with Node", commands: {}, otherwise: "Install npm, or start this with npx" }

const nmPackage: SystemPackage = {
  what: "nm (or llvm-nm), which lists the symbols of a library",
  commands: {
    debian: "apt-get install binutils",
    fedora: "dnf install binutils",
    suse: "zypper install binutils",
    arch: "pacman -S binutils"
  },
  otherwise: "Install the binutils with the system's package manager"
}

const tarPackage: SystemPackage = { what: "tar", commands: {}, otherwise: "Install tar with the system's package manager" }

const families: Readonly<Record<string, string>> = {
  debian: "debian",
  ubuntu: "debian",
  fedora: "fedora",
  rhel: "fedora",
  centos: "fedora",
  suse: "suse",
  opensuse: "suse",
  arch: "arch",
  alpine: "alpine"
}

/** The family of a Linux from its os-release: debian, fedora, suse, arch or alpine, where it says so. */
export const familyOf = (osRelease: string): string | undefined => {
  const ids = [...osRelease.matchAll(/^(?:ID|ID_LIKE)=(.*)$/gm)].flatMap(([, value = ""]) => value.replaceAll(/["']/g, "").split(/[\s-]/))
  return ids.map((id) => (Object.hasOwn(families, id) ? families[id] : undefined)).find((family) => family !== undefined)
}

const family = (): string | undefined => {
  if (process.platform === "win32") return "windows"
  try {
    return familyOf(readFileSync("/etc/os-release", "utf8"))
  } catch {
    return undefined
  }
}

const missing = ({ commands, otherwise, what }: SystemPackage, here = family()): InstallError => {
  const command = here === undefined ? undefined : commands[here]
  return new InstallError({
    reason: "Program",
    problem: `it needs ${what}, which is not there`,
    advice: `${command === undefined ? otherwise : `Install it: ${command}`}, then run this again`
  })
}

/** The first of these programs that is there and answers the arguments with success. */
const find = (
  candidates: ReadonlyArray<Program>,
  args: ReadonlyArray<string>,
  needed: SystemPackage
): Effect.Effect<Program, InstallError> =>
  Effect.gen(function* () {
    for (const program of candidates) if ((yield* run(program, args, { output: "kept" }))?.status === 0) return program
    return yield* missing(needed)
  })

/** A program that an environment variable names, perhaps with arguments ("ccache g++"). */
const named = (variable: string): ReadonlyArray<Program> => {
  const [name, ...first] = (process.env[variable] ?? "").split(" ").filter((word) => word !== "")
  return name === undefined ? [] : [[name, ...first]]
}

const orNamed = (variable: string, candidates: ReadonlyArray<Program>): ReadonlyArray<Program> => {
  const asked = named(variable)
  return asked.length === 0 ? candidates : asked
}

/** pip: of the Python that PYTHON names, else of python3 or python. */
export const findPip = find(
  orNamed("PYTHON", [["python3"], ["python"]]).map(([name, ...first]): Program => [name, ...first, "-m", "pip"]),
  ["--version"],
  pipPackage
)

/** The C++ compiler that CXX names, else g++ or clang++. */
export const findCompiler = find(orNamed("CXX", [["g++"], ["clang++"], ["c++"]]), ["--version"], compilerPackage)

/** The npm that started this program, if one did, else the one of the search path. */
export const findNpm = Effect.suspend(() => {
  const started = process.env["npm_execpath"]
  const ours: ReadonlyArray<Program> = started !== undefined && basename(started) === "npm-cli.js" ? [[process.execPath, started]] : []
  return find([...ours, ["npm"]], ["--version"], npmPackage)
})

/** The program that lists a library's symbols. */
export const findNm = find([["nm"], ["llvm-nm"]], ["--version"], nmPackage)

/** The program that unpacks npm's archives. */
export const findTar = find([["tar"]], ["--version"], tarPackage)
