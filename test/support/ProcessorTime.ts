/**
 * The processor's time of this process: what a bound on work is held against, so that a busy machine fails no test.
 *
 * @module
 */

/** The same of this thread alone where Node tells it: what else the machine does costs none of it. */
export const threadMs = (): number => {
  const { system, user } = (process.threadCpuUsage ?? process.cpuUsage)()
  return (system + user) / 1000
}

/** Milliseconds of the processor that this process has used. */
export const processorMs = (): number => {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1000
}
