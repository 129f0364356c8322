/**
 * The processor's time of this process: what a bound on work is held against, so that a busy machine fails no test.
 *
 * @module
 */

/** Milliseconds of the processor that this process has used. */
export const processorMs = (): number => {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1000
}
