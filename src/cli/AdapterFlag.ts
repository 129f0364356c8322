/**
 * The flag by which commands that take a pretrained model take an adapter to it.
 *
 * @module
 */
import { Option } from "effect"
import { Flag } from "effect/cli"

/** `--adapter DIR`, beside `--model`. */
export const adapterFlag = Flag.String("adapter").pipe(
  Flag.withDescription("With --model: an adapter's folder as peft writes it, merged into the model as it is read"),
  Flag.optional
)

/** The field `adapter` of a model's spec. */
export const adapterField = (adapter: Option.Option<string>): { readonly adapter?: string } =>
  Option.isSome(adapter) ? { adapter: adapter.value } : {}
