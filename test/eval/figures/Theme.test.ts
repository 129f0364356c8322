import { describe, expect, it } from "vitest"
import { modelPalette, palette, roleColors, seriesColors, seriesShapes, seriesStyle } from "../../../src/eval/figures/Theme.ts"

type Triple = readonly [number, number, number]

const linear = (hex: string): Triple => {
  const channel = (from: number) => {
    const value = Number.parseInt(hex.slice(from, from + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [channel(1), channel(3), channel(5)]
}

const luminance = (hex: string) => {
  const [r, g, b] = linear(hex)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** WCAG 2.2's contrast ratio. */
const contrast = (one: string, other: string) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light! + 0.05) / (dark! + 0.05)
}

/** Machado, Oliveira and Fernandes 2009: how full dichromats see linear RGB. */
const sights: Readonly<Record<string, readonly [Triple, Triple, Triple]>> = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
}

/** CIE L*a*b* of a colour as somebody sees it. */
const seen = (hex: string, sight: readonly [Triple, Triple, Triple]): Triple => {
  const rgb = linear(hex)
  const [r, g, b] = sight.map((row) => Math.min(1, Math.max(0, row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2])))
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116)
  const x = f((0.4124 * r! + 0.3576 * g! + 0.1805 * b!) / 0.95047)
  const y = f(0.2126 * r! + 0.7152 * g! + 0.0722 * b!)
  const z = f((0.0193 * r! + 0.1192 * g! + 0.9505 * b!) / 1.08883)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

const pairsOf = (colors: ReadonlyArray<string>) => colors.flatMap((one, k) => colors.slice(k + 1).map((other) => [one, other] as const))
const distance = (one: string, other: string, sight: readonly [Triple, Triple, Triple]): number =>
  Math.hypot(...seen(one, sight).map((part, k) => part - seen(other, sight)[k]!))

describe("palette", () => {
  it.each([...Object.entries(palette), ...Object.entries(modelPalette).map(([name, color]) => [`a model's ${name}`, color] as const)])(
    "%s stands out on the light and the dark page: at least 3 : 1",
    (_, color) => {
      expect(contrast(color, "#ffffff")).toBeGreaterThanOrEqual(3)
      expect(contrast(color, "#14181d")).toBeGreaterThanOrEqual(3)
    }
  )

  it.each(Object.entries(sights))("any two colours differ by ΔE 20 or more in %s sight", (_, sight) => {
    for (const [colors, pairs] of [[palette, 21], [modelPalette, 28]] as const) {
      const distances = pairsOf(Object.values(colors)).map(([one, other]) => distance(one, other, sight))
      expect(distances.length).toBe(pairs)
      expect(Math.min(...distances)).toBeGreaterThanOrEqual(20)
    }
  })

  it("never lets a model look like a rate", () => {
    const distances = Object.values(modelPalette).flatMap((model) =>
      Object.values(roleColors).map((rate) => distance(model, rate, sights["normal"]!))
    )
    expect(Math.min(...distances)).toBeGreaterThanOrEqual(20)
  })

  it("offers as many shapes as colours, no two alike", () => {
    expect(new Set(seriesColors).size).toBe(8)
    expect(new Set(seriesShapes).size).toBe(8)
  })

  it("draws 32 series in 32 ways, and the first eight in eight colours", () => {
    const styles = Array.from({ length: 32 }, (_, position) => seriesStyle(position))
    expect(new Set(styles.map((style) => JSON.stringify(style))).size).toBe(32)
    expect(new Set(styles.slice(0, 8).map((style) => style.color)).size).toBe(8)
  })
})
