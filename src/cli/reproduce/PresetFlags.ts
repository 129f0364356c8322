/**
 * Flags of whatever runs a preset: where its pretrained model lies, and with how many threads.
 *
 * @module
 */
import { Flag } from "effect/cli"

/** The flags that `reproduce` and `sweep` share. */
export const presetFlags = {
  model: Flag.String("model").pipe(
    Flag.withDescription("Where the pretrained model of smollm2 lies: a folder, a GGUF file, or owner/name; the repository unless told"),
    Flag.optional
  ),
  workers: Flag.Int("workers").pipe(Flag.withDescription("Threads; they change the speed, never the results"), Flag.optional)
}
