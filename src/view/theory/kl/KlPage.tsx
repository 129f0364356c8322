/**
 * The page on KL: estimator, placement and aggregation.
 *
 * @module
 */
import { Failure } from "../../parts/Failure.tsx"
import { Controls } from "../form/Controls.tsx"
import { modelOf, POLICY_LOGITS, REFERENCE_LOGITS } from "../form/LogitQuantities.ts"
import { useForm } from "../form/useForm.ts"
import { Grounds } from "../Grounds.tsx"
import type { PageProps } from "../Pages.ts"
import { Problems } from "../Problems.tsx"
import { useComputed } from "../useComputed.ts"
import { KlCharts } from "./KlCharts.tsx"
import { aggregationOf, KL_FORM } from "./KlForm.ts"
import { klRows, rowOf } from "./KlRows.ts"
import { KlTableView } from "./KlTableView.tsx"
import { klSentence } from "./Words.ts"

/** The page. */
export const KlPage = (props: PageProps) => {
  const { change, chosen, numbers, problems } = useForm("kl", KL_FORM, props)
  const { aggregation, estimator, placement } = chosen
  const isByConstant = aggregation === "seq-mean-token-sum-norm"
  const computed = useComputed(JSON.stringify([numbers, aggregation]), () => ({
    length: numbers.L,
    rows: klRows({ ...modelOf(numbers), maxCycles: numbers.cap }, aggregationOf(aggregation, numbers.T), numbers.L)
  }))
  const rows = computed.value?.rows
  const row = rows === undefined ? undefined : rowOf(rows, estimator, placement)
  const length = computed.value?.length ?? numbers.L
  const compared = rows === undefined ? [] : [rowOf(rows, "k1", "reward"), rowOf(rows, "k3", "loss")].filter((each) => each !== undefined)
  const given = { form: KL_FORM, numbers, chosen, change }
  return (
    <>
      <h1>KL: estimator, placement, aggregation</h1>
      <p>
        A KL penalty is estimated token by token from x = log π_ref − log π: k1 = −x, k2 = x²/2, k3 = eˣ − 1 − x. Which distance the
        expected gradient descends, and how much of it falls on π_S and π_D, depends on the place: in the loss a decision pays for itself
        alone, in the reward also for the answers that it causes.
      </p>
      <Problems problems={problems} />
      <Controls
        legend="Penalty"
        names={["estimator", "placement", "aggregation", ...(isByConstant ? ["T"] : []), "L", "cap"]}
        {...given}
      />
      <Controls legend="Policy" names={POLICY_LOGITS} {...given} />
      <Controls legend="Reference" names={REFERENCE_LOGITS} {...given} />
      {computed.problem !== undefined && <Failure problem={computed.problem} />}
      <p class="answer" role="status">{row === undefined ? "Computing …" : klSentence(row, length)}</p>
      {row !== undefined && rows !== undefined && (
        <>
          <KlCharts chosen={row} compared={compared} length={length} />
          <h2>All combinations at {length} tokens an answer</h2>
          <p>
            Expected gradients at β = 1, to be descended: a positive one lowers its logit. The paper's analysis is k1 in the reward, its
            runs used k3 in the loss (low_var_kl).
          </p>
          <KlTableView
            rows={rows}
            chosen={row}
            length={length}
            choose={(each) => change({ estimator: each.estimator, placement: each.placement })}
          />
        </>
      )}
      <Grounds
        equations={[
          "expected gradient = Σ_τ π(τ)·w(τ)·Σ_tokens weight·∇log π,   w(τ): the aggregation's weight of a token",
          "weight in the loss: k′;   times π/π_old: k′ + k;   in the reward: k of this token and of all tokens to come"
        ]}
        source="The paper's eq. 11-16 (reward), appendix E.3 (low_var_kl in the loss); docs/theory/3.3-kl.md. Claim C46."
        assumed={[
          "On policy, γ = 1, and a batch so large that denominators are exact. All trajectories up to the cap are enumerated.",
          "An answer is L independent choices of the logit θ_S, the first of which says whether it is right.",
          "The distance is found by comparing gradients on the three choices; where policy and reference agree every gradient is 0 and several names fit."
        ]}
      />
    </>
  )
}
