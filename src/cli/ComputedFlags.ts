/**
 * The flags by which commands say what computes a pretrained model.
 *
 * @module
 */
import { Effect } from "effect"
import { Flag } from "effect/cli"
import type { ConfigError } from "../domain/Errors.ts"
import { DEVICE_NAMES, type DeviceName } from "../model/device/DeviceName.ts"
import { PRODUCT_CHOICES, type ProductChoice } from "../model/device/Products.ts"
import type { Computed } from "../model/ModelLayer.ts"
import { threadsOf } from "./Workers.ts"
import { withDefault } from "./Help.ts"

/** The flags; `when` says with which other flag they count, where it is not always. */
export const computedFlags = (when = "") => {
  const described = (text: string): string => (when === "" ? `${text[0]!.toUpperCase()}${text.slice(1)}` : `${when}: ${text}`)
  return {
    device: Flag.Literals("device", DEVICE_NAMES).pipe(
      Flag.withDescription(described("what computes the model")),
      withDefault("wasm" as const)
    ),
    products: Flag.Literals("products", PRODUCT_CHOICES).pipe(
      Flag.withDescription(described("what multiplies matrices on the device wasm")),
      withDefault("auto" as const)
    ),
    workers: Flag.Int("workers").pipe(
      Flag.withDescription(described("threads, each with the model in memory")),
      withDefault(1)
    )
  }
}

/** What the flags ask for. Fails with ConfigError for numbers of threads that make no sense. */
export const computedOf = (
  { device, products, workers }: { readonly device: DeviceName; readonly products: ProductChoice; readonly workers: number }
): Effect.Effect<Computed, ConfigError> => Effect.map(threadsOf(workers), (threads) => ({ device, products, ...threads }))
