import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { CLAIMS } from "../../../src/theory/Claims.ts"
import { claimFilterOf, claimParams, claimsFor, STATUSES } from "../../../src/view/theory/claims/ClaimFilter.ts"
import { digits } from "../../../src/view/theory/claims/Digits.ts"
import { pageOf, PAGES } from "../../../src/view/theory/Pages.ts"

describe("The list of claims", () => {
  it("has every verdict of the ledger, and each claim under exactly one", () => {
    expect(STATUSES.flatMap((status) => claimsFor({ statuses: [status], text: "" })).map(({ id }) => id).toSorted()).toEqual(
      CLAIMS.map(({ id }) => id)
    )
    expect(claimsFor({ statuses: [], text: "" })).toEqual(CLAIMS)
  })

  it("finds words wherever they stand, all of them, in any case", () => {
    expect(claimsFor({ statuses: [], text: "  LOW_VAR_KL " }).map(({ id }) => id)).toEqual(["C46"])
    expect(claimsFor({ statuses: ["refuted as stated"], text: "dft kl" }).map(({ id }) => id)).toContain("C50")
    expect(claimsFor({ statuses: [], text: "no such words" })).toEqual([])
  })

  it("for all filters, what the address says is read again", () => {
    const filters = fc.record({ statuses: fc.subarray([...STATUSES]), text: fc.string() })
    fc.assert(fc.property(filters, (filter) => {
      const params = new URLSearchParams(claimParams(filter, "C07").toString())
      expect(claimFilterOf(params)).toEqual(filter)
      expect([pageOf(params), params.get("claim")]).toEqual(["claims", "C07"])
    }))
    expect(claimFilterOf(new URLSearchParams("verdict=true&verdict=exact"))).toEqual({ statuses: ["exact"], text: "" })
  })

  it("writes numbers with seven digits", () => {
    expect([digits(0.30051234), digits(-1.437), digits(101), digits(0)]).toEqual(["0.3005123", "−1.437", "101", "0"])
  })

  it("knows its pages by the address alone", () => {
    expect(PAGES.map(({ id }) => pageOf(new URLSearchParams({ page: id })))).toEqual(PAGES.map(({ id }) => id))
    expect([pageOf(new URLSearchParams()), pageOf(new URLSearchParams({ page: "constructor" }))]).toEqual([undefined, undefined])
  })
})
