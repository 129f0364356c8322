/**
 * The float64 autodiff oracle: reverse mode of jax-js on its CPU backend, which shares no code with this library.
 *
 * Only the CPU backend is a float64 reference; the wasm one computes exp and log by short polynomials. Arrays of jax-js are
 * consumed by use, so every operation here takes a fresh reference.
 */
import { defaultDevice, grad, init, lax, numpy } from "@jax-js/jax"
import type { Algebra, Differentiable } from "./Differentiable.ts"

type Tensor = numpy.Array

// Node 22 lacks Float16Array, which the library tests for by instanceof when it makes an array.
const globals = globalThis as { Float16Array?: unknown }
globals.Float16Array ??= function Float16Array () {}

await init("cpu")
defaultDevice("cpu")

const tensors: Algebra<Tensor> = {
  constant: (value) => numpy.array(value, { dtype: numpy.float64 }),
  add: (left, right) => left.ref.add(right.ref),
  subtract: (left, right) => left.ref.sub(right.ref),
  multiply: (left, right) => left.ref.mul(right.ref),
  divide: (left, right) => left.ref.div(right.ref),
  minimum: (left, right) => numpy.minimum(left.ref, right.ref),
  maximum: (left, right) => numpy.maximum(left.ref, right.ref),
  exp: (value) => numpy.exp(value.ref),
  log: (value) => numpy.log(value.ref),
  fixed: (value) => lax.stopGradient(value.ref)
}

const vector = (values: ArrayLike<number>): Tensor => numpy.array(Float64Array.from(values), { dtype: numpy.float64 })

/** Computes the gradient of a scalar function at a point by reverse-mode autodiff in float64. Shapes: [P] → [P]. */
export const gradient = (f: Differentiable, at: ArrayLike<number>): Float64Array => {
  const onTensor = (parameters: Tensor): Tensor => f(tensors, Array.from({ length: at.length }, (_, index) => parameters.ref.slice(index)))
  return Float64Array.from(grad(onTensor)(vector(at)).dataSync())
}
