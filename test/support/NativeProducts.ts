/** The BLAS that tests find on the machine, or why they find none: what needs it is then skipped, with the reason in its name. */
import { Effect, Result } from "effect"
import { reasonOf } from "../../src/model/device/Auto.ts"
import { resolveDevice } from "../../src/model/device/NamedDevice.ts"
import type { Products } from "../../src/model/device/Products.ts"

const found = await Effect.runPromise(Effect.result(resolveDevice("wasm", { products: "native" })))

/** What multiplies natively here; undefined where nothing does. */
export const nativeHere: Products | undefined = Result.isSuccess(found) ? found.success.info.products : undefined

/** For the names of tests: which BLAS, or why they are skipped. */
export const nativeName = Result.isSuccess(found) ? `${nativeHere?.by}` : `skipped: ${reasonOf(found.failure)}`
