/**
 * Modules of Node, asked for when they are used: the library's modules import none, so that whoever needs none (theory, the
 * tabular policy, the trainers) can be bundled for a browser.
 *
 * @module
 */
import type * as Fs from "node:fs"
import type * as Module from "node:module"
import type * as Os from "node:os"
import type * as Util from "node:util"
import type * as Vm from "node:vm"
import type * as WorkerThreads from "node:worker_threads"

interface Builtins {
  readonly "node:fs": typeof Fs
  readonly "node:module": typeof Module
  readonly "node:os": typeof Os
  readonly "node:util": typeof Util
  readonly "node:vm": typeof Vm
  readonly "node:worker_threads": typeof WorkerThreads
}

/** Whether built-in modules can be had: in Node, from 22.3 on. */
export const isNode = (): boolean => (globalThis as { readonly process?: Partial<NodeJS.Process> }).process?.getBuiltinModule !== undefined

/** Gives a built-in module of Node. Elsewhere it throws an Error that names what asked for it: "`purpose` needs Node". */
export const nodeBuiltin = <Name extends keyof Builtins>(name: Name, purpose: string): Builtins[Name] => {
  const { process } = globalThis as { readonly process?: Partial<NodeJS.Process> }
  if (process?.getBuiltinModule === undefined) throw new Error(`${purpose} needs Node 22.19 or later: there is no ${name} here`)
  return process.getBuiltinModule(name) as unknown as Builtins[Name]
}
