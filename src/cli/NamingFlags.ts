/**
 * Errors of the library in the words of the command line: an option is named by the flag that sets it.
 *
 * @module
 */
import { ConfigError } from "../domain/Errors.ts"

/** Names the flag in place of the option that it sets, where `flags` has one for it; other errors stay as they are. */
export const namingFlagsOf = (flags: Readonly<Record<string, string>>) => <E>(error: E): E | ConfigError =>
  error instanceof ConfigError && error.faults.some(({ field }) => field in flags)
    ? ConfigError.all(error.faults.map((fault) => ({ ...fault, field: flags[fault.field] ?? fault.field })))
    : error
