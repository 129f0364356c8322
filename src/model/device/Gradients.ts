/**
 * The gradients of the tensor library's operations, which its core leaves unregistered.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core"
import { nodeBuiltin } from "./NodeBuiltins.ts"

const entry = "@tensorflow/tfjs-core/dist/register_all_gradients.js"

/**
 * Registers the gradients of the tensor library's operations, once per process or worker. The library's core leaves
 * that to an umbrella package several times its size; the list itself is in core, but as modules that name each other
 * without a file extension, which Node refuses. So the extension is added while they load. They share the engine and
 * the gradient registry with the core bundle, because both live on globalThis.
 */
export const registerGradients = async (): Promise<void> => {
  if (tf.getGradient("Sum") !== undefined) return
  const hooks = nodeBuiltin("node:module", "loading the tensor library's gradients").registerHooks({
    resolve: (specifier, context, nextResolve) => {
      const bare = specifier.startsWith(".") && !specifier.endsWith(".js") && context.parentURL?.includes("/tfjs-core/dist/")
      return nextResolve(bare === true ? `${specifier}.js` : specifier, context)
    }
  })
  try {
    await import(entry)
  } finally {
    hooks.deregister()
  }
  if (tf.getGradient("Sum") === undefined) {
    throw new Error(`${entry} did not register its gradients. Is @tensorflow/tfjs-core at version 4.22.0, installed once?`)
  }
}
