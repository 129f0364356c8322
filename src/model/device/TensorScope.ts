/**
 * A scope that frees every tensor made in it, also those that the engine hides from its own scopes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core"

type Engine = ReturnType<typeof tf.engine>
type Keep = Engine["keep"]

/** Drops entries that were freed meanwhile once a list has grown this long, so that a long use does not pile up. */
const sweepAt = 4096

/** Runs a body inside an engine scope of its own and frees everything it made but the survivors, whether it ends well or throws. */
const inScope = async <A>(label: string, body: () => A | Promise<A>, survivorsOf: (result: A) => ReadonlyArray<tf.Tensor>): Promise<A> => {
  const engine = tf.engine()
  const depth = engine.state.scopeStack.length
  const variablesBefore = new Set(Object.keys(engine.state.registeredVariables))
  const keep: Keep = engine.keep
  let kept: Array<tf.Tensor> = []
  let survivors = new Set<tf.Tensor>()
  engine.keep = <T extends tf.Tensor>(tensor: T): T => {
    if (kept.length >= sweepAt) kept = kept.filter((earlier) => !earlier.isDisposed)
    kept.push(tensor)
    return keep.call(engine, tensor) as T
  }
  engine.startScope(label)
  try {
    const result = await body()
    survivors = new Set(survivorsOf(result))
    for (const tensor of survivors) keep.call(engine, tensor)
    return result
  } finally {
    engine.keep = keep
    while (engine.state.scopeStack.length > depth) engine.endScope()
    for (const tensor of kept) if (!tensor.isDisposed && !survivors.has(tensor)) tensor.dispose()
    for (const [name, variable] of Object.entries(engine.state.registeredVariables)) {
      if (!variablesBefore.has(name)) variable.dispose()
    }
  }
}

/**
 * Runs a body inside an engine scope of its own and frees everything it made, whether it ends well or throws.
 * The scope alone does not see tensors the engine or the body marks as kept (a gradient that throws half-way leaves
 * its saved tensors behind) nor variables, so both are recorded while the body runs and freed with the rest.
 */
export const withTensorScope = <A>(label: string, body: () => A | Promise<A>): Promise<A> =>
  inScope(label, body, (result) => {
    if (!holdsTensor(result)) return []
    throw new Error(
      "The body returned a tensor, which does not outlive the use. Return numbers or typed arrays read from it (await data())."
    )
  })

/** The same, but the tensors that the body returns live on; `freeTensors` frees them. */
export const holdTensors = <A extends ReadonlyArray<tf.Tensor>>(label: string, body: () => A | Promise<A>): Promise<A> =>
  inScope(label, body, (tensors) => tensors)

/** Frees tensors that were held. */
export const freeTensors = (tensors: ReadonlyArray<tf.Tensor>): void => {
  for (const tensor of tensors) if (!tensor.isDisposed) tensor.dispose()
}

/** Whether a value is a tensor or directly holds one. */
const holdsTensor = (value: unknown): boolean => {
  if (value instanceof tf.Tensor) return true
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return false
  return Object.values(value).some((part) => part instanceof tf.Tensor)
}
