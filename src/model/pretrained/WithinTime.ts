/**
 * Programs of others, such as a model's template, that may not run for ever.
 *
 * @module
 */
import type { Context, Script } from "node:vm"
import { isNode, nodeBuiltin } from "../device/NodeBuiltins.ts"

// Made once: a context takes some milliseconds.
let caller: { readonly script: Script; readonly context: Context } | undefined

/**
 * What `action` returns, if it does so within so many milliseconds; throws an Error that says so otherwise, in Node. Outside of it nothing can
 * end a computation from within, and it is waited for.
 */
export const withinTime = <A>(action: () => A, milliseconds: number, what: string): A => {
  if (!isNode()) return action()
  const vm = nodeBuiltin("node:vm", what)
  caller ??= { script: new vm.Script("action()"), context: vm.createContext({}) }
  caller.context["action"] = action
  try {
    // The limit holds for all that is called meanwhile, of whichever context.
    return caller.script.runInContext(caller.context, { timeout: milliseconds }) as A
  } catch (cause) {
    const isLate = typeof cause === "object" && cause !== null && "code" in cause && cause.code === "ERR_SCRIPT_EXECUTION_TIMEOUT"
    throw isLate ? new Error(`${what} did not end within ${milliseconds / 1000} s`) : cause
  }
}
