/**
 * The page on dynamics: the flow of the three rates under who teaches them.
 *
 * @module
 */
import { Failure } from "../../parts/Failure.tsx"
import { linkTo } from "../../Place.ts"
import { Controls } from "../form/Controls.tsx"
import { fill, paramsWith } from "../form/Form.ts"
import { useForm } from "../form/useForm.ts"
import { Grounds } from "../Grounds.tsx"
import type { PageProps } from "../Pages.ts"
import { Problems } from "../Problems.tsx"
import { useComputed } from "../useComputed.ts"
import { DYNAMICS_FORM, PRESETS, settingOf } from "./DynamicsForm.ts"
import { fieldOf, inForce, restOf, statesOf, USES, velocityOf } from "./Flow.ts"
import { RatesChart, SpeedChart } from "./FlowCharts.tsx"
import { FlowPlane } from "./FlowPlane.tsx"
import { dynamicsSentence } from "./Words.ts"

const FIELD = 11

/** The page. */
export const DynamicsPage = (props: PageProps) => {
  const { change, chosen, numbers, problems } = useForm("dynamics", DYNAMICS_FORM, props)
  const uses = USES[chosen.by]
  const computed = useComputed(JSON.stringify([numbers, chosen]), () => {
    const setting = settingOf(numbers, chosen)
    const states = statesOf(setting)
    // The reference of a moment is known only while it is not replaced.
    const velocities = inForce(setting).refreshEvery === Infinity ? states.map(({ logits }) => velocityOf(setting)(logits)) : null
    return {
      states,
      velocities,
      rest: restOf(setting)?.rates ?? null,
      field: fieldOf(setting, setting.start.stopGivenCorrect, FIELD),
      sentence: dynamicsSentence(setting, states)
    }
  })
  const { value } = computed
  const given = { form: DYNAMICS_FORM, numbers, chosen, change }
  const hasPenalty = chosen.kl !== "none"
  const initial = fill(DYNAMICS_FORM, new URLSearchParams())
  return (
    <>
      <h1>Where the three rates go</h1>
      <p>
        Training moves the logits of p_S, p_D|C and p_D|W along the expected gradient: dθ/dt = push + drag. Choose who teaches and from
        where; drag the sliders or click in the plane.
      </p>
      <p class="chips">
        <span class="dim">Worth seeing:</span>
        {PRESETS.map(({ name, values }) => (
          <a key={name} class="chip" href={linkTo("theory", paramsWith("dynamics", initial, values))}>{name}</a>
        ))}
      </p>
      <Problems problems={problems} />
      <Controls
        legend="Teaching"
        names={[
          "by",
          ...(uses.group ? ["G"] : []),
          ...(uses.cap && chosen.kl !== "reward" ? ["cap"] : []),
          ...(uses.geometry ? ["geometry"] : []),
          "time"
        ]}
        {...given}
      />
      <Controls legend="Start" names={["p", "c", "w"]} {...given} />
      {uses.data && <Controls legend="Demonstrations" names={["dp", "dc", "dw"]} {...given} />}
      <Controls
        legend="Penalty"
        names={["kl", ...(hasPenalty ? ["beta", "L"] : []), ...(hasPenalty && uses.refresh ? ["refresh"] : [])]}
        {...given}
      />
      {computed.problem !== undefined && <Failure problem={computed.problem} />}
      <p class="answer" role="status">{value?.sentence ?? (computed.isAwaited ? "Computing …" : "")}</p>
      {value !== undefined && (
        <div class="charts">
          <RatesChart states={value.states} />
          <FlowPlane states={value.states} field={value.field} rest={value.rest} move={(p, w) => change({ p, w }, "replace")} />
          {value.velocities !== null && <SpeedChart states={value.states} velocities={value.velocities} />}
        </div>
      )}
      <Grounds
        equations={[
          "reward: dθ/dt = φ·∇acc,   ∇acc = (p(1 − p)·c·(1 − w)/S²)·(1, 1 − c, w) on (θ_S, θ_C, θ_W),   S = p·c + (1 − p)·(1 − w)",
          "φ: 1 for RLOO and REINFORCE; in groups of G a polynomial in acc for GRPO; 1/√(acc(1 − acc)) for endless groups",
          "SFT: N'·(p' − p),  N'·p'·(c' − c),  N'·(1 − p')·(w' − w);   DFT: N'·(2p' − 1)·p(1 − p) and so on;   N' = 1/S' attempts a demonstration",
          "plain ascent leaves θ_W − e^(−θ_W) − θ_S and θ_C + e^(θ_C) − θ_S as they are"
        ]}
        source="The paper's figure 1 and sections 3.3, 5.1, 5.3 and 5.4; docs/theory/teaching.md, 5.1-sft.md, D-sft-and-dft.md, 5.4-negative-feedback.md. Claims C21, C22, C28, C29, C39 and C40."
        assumed={[
          "Expected gradients and small steps: no noise, no optimizer's own dynamics. One unit of time is one gradient step of learning rate 1.",
          "The three logits are free. In a network they share parameters, and a step on one moves the others.",
          "An answer of a demonstration is one choice; a penalty counts L tokens of it.",
          "The reference is the start, until it is replaced. A penalty in the reward is taken without a cap on attempts."
        ]}
      />
    </>
  )
}
