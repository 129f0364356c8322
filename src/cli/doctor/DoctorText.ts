/**
 * The doctor's report in plain words.
 *
 * @module
 */
import { cpus } from "node:os"
import { beside, layOut, TERMINAL_WIDTH, wrap } from "../Layout.ts"
import { type Diagnosis, type Finding, TOLERANCE, type Work } from "../../training/Doctor.ts"

/** The machine in a line: Node, system, processor. */
export const machine = (): string =>
  `Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}`

const milliseconds = (ms: number): string => (ms < 10 ? ms.toFixed(1) : ms.toFixed(0))

const verdict = (finding: Finding): ReadonlyArray<string> => {
  if (!finding.isUsable) return [`cannot be used: ${finding.reason}`]
  const { agrees, firstStep, gradientDifference, largerStep, lossDifference, samplingDifference, step } = finding.measurement
  const differences = `loss ${lossDifference.toExponential(1)}, gradient ${gradientDifference.toExponential(1)}, sampling ${
    samplingDifference.toExponential(1)
  }`
  return [
    agrees
      ? `works: ${milliseconds(step)} ms a step (the first ${milliseconds(firstStep)} ms)${
        largerStep === undefined ? "" : `; the larger model ${milliseconds(largerStep)} ms`
      }`
      : `computes WRONGLY, do not use it: differs from cpu by more than ${TOLERANCE}`,
    ...(finding.name === "cpu" ? [] : [`differences from cpu: ${differences}`]),
    finding.info.description
  ]
}

const TEXT_FROM = 9

const paragraph = (finding: Finding, width: number): string => beside(finding.name, verdict(finding).join("\n"), TEXT_FROM, width)

const words = ({ heads, layers, parameters, rollouts, tokens, width }: Work): string =>
  `a transformer of ${parameters} parameters (width ${width}, ${layers} layers, ${heads} heads), ${rollouts} rollouts, ${tokens} tokens`

/** The whole report, for a screen of so many columns. */
export const doctorText = ({ auto, devices, larger, work }: Diagnosis, width = TERMINAL_WIDTH): string =>
  [
    layOut([
      machine(),
      `One training step on every device: ${words(work)}.`,
      `The larger model, for time only: ${words(larger)}.`
    ], width),
    "",
    ...devices.map((finding) => paragraph(finding, width)),
    "",
    wrap("reason" in auto ? `deviceAuto takes none here: ${auto.reason}` : `deviceAuto takes ${auto.name} here. ${auto.description}`, width)
  ].join("\n")
