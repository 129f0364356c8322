/**
 * What multiplies matrices on the wasm device, as configurations ask for it and as run records name it.
 *
 * @module
 */

/**
 * What a configuration may ask for: `native` is the sgemm of a BLAS of the machine, in all else the `relaxed` kernels; `relaxed` the own kernels
 * with fused multiply-add, whose last bits may differ between processors; `simd` the own kernels without it, the same bits everywhere;
 * `auto` is `native` where a BLAS is found, else `relaxed`.
 */
export const PRODUCT_CHOICES = ["auto", "native", "relaxed", "simd"] as const
/** A choice of products. */
export type ProductChoice = (typeof PRODUCT_CHOICES)[number]

/** What came of it. `library` are the tensor library's own kernels, on a machine that runs no others. */
export type ProductKind = Exclude<ProductChoice, "auto"> | "library"

/** What multiplies matrices. The last bits of every result depend on its kind and, for `native`, on what it is. */
export interface Products {
  readonly kind: ProductKind
  /** What multiplies. Of a BLAS: its name and version, and the processor that it chose its code for. */
  readonly by: string
  /** Of a BLAS: where it lies. */
  readonly path?: string
}

/** The choice that gives products of a kind again. */
export const choiceOf = (kind: ProductKind): ProductChoice => (kind === "library" ? "relaxed" : kind)
