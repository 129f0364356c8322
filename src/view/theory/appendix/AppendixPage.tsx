/**
 * The page on appendix C: push and drag by the length of answers.
 *
 * @module
 */
import { linkTo } from "../../Place.ts"
import { Controls } from "../form/Controls.tsx"
import { modelOf, POLICY_LOGITS, REFERENCE_LOGITS } from "../form/LogitQuantities.ts"
import { useForm } from "../form/useForm.ts"
import { Grounds } from "../Grounds.tsx"
import type { PageProps } from "../Pages.ts"
import { Problems } from "../Problems.tsx"
import { APPENDIX_FORM } from "./AppendixForm.ts"
import { ChainTable } from "./ChainTable.tsx"
import { LengthCharts } from "./LengthCharts.tsx"
import { PaperClaims } from "./PaperClaims.tsx"
import { hasRestoredLengths, isRestored, pushAndDrag, type PushInputs } from "./PushAndDrag.ts"
import { UpdateTable } from "./UpdateTable.tsx"
import { pushSentence } from "./Words.ts"

/** The page. */
export const AppendixPage = (props: PageProps) => {
  const { change, chosen, numbers, problems } = useForm("length", APPENDIX_FORM, props)
  const model = { ...modelOf(numbers), lengths: { correct: numbers.right, wrong: numbers.wrong }, beta: numbers.beta }
  const inputs: PushInputs = { model, advantage: numbers.A }
  const reading = chosen.over
  const [isPapers, hasLengths] = [isRestored(inputs), hasRestoredLengths(inputs)]
  const given = { form: APPENDIX_FORM, numbers, chosen, change }
  return (
    <>
      <h1>Push and drag by the length of answers</h1>
      <p>
        Appendix C follows one trajectory (a wrong answer, RESAMPLE, a right answer, STOP) on three logits: θ_S of sampling a right answer,
        θ_C of STOP at a right one, θ_W of RESAMPLE at a wrong one. The reward pushes them, the KL penalty to a reference drags them back.
      </p>
      <Problems problems={problems} />
      <Controls legend="Answers and coefficients" names={["right", "wrong", "beta", "A", "over"]} {...given} />
      <Controls legend="Policy" names={POLICY_LOGITS} {...given} />
      <Controls legend="Reference" names={REFERENCE_LOGITS} {...given} />
      <p class="answer" role="status">{pushSentence(pushAndDrag(inputs, reading), reading, numbers.beta)}</p>
      {!(isPapers && hasLengths) && (
        <p class="note">
          {isPapers
            ? "The paper's printed values are those of 8 tokens: dots in the figures."
            : "These are not the paper's inputs, so its printed values are not shown."}{" "}
          <a href={linkTo("theory", { page: "length" })}>Back to the paper's inputs</a>
        </p>
      )}
      <LengthCharts inputs={inputs} reading={reading} hasPrinted={isPapers} />
      <h2>Push, drag and net update</h2>
      <p>All are ascended: a negative drag pulls the logit down. At {numbers.right} and {numbers.wrong} tokens (right, wrong).</p>
      <UpdateTable inputs={inputs} hasPrinted={isPapers && hasLengths} />
      <h2>The penalty's Q along the trajectory</h2>
      <p>
        r is an action's own penalty, −β·log(π/π_ref), L times that for an answer of L tokens; Q adds the penalties to come.
        {isPapers && hasLengths ? " In brackets: as printed." : ""}
      </p>
      <ChainTable inputs={inputs} hasPrinted={isPapers && hasLengths} />
      <PaperClaims />
      <Grounds
        equations={[
          "r_S = −β·L·log(π_S/π_S,ref),   r_D = −β·log(π_D/π_D,ref)",
          "Q_D(STOP) = r_D,   Q_S = r_S + Q_D,   Q_D(RESAMPLE) = r_D + γ·Q_S of the next attempt,   γ = 1",
          "drag = Σ Q·∇log π,   push = A·Σ ∇log π   on this trajectory",
          "push over all trajectories: (√(p(1 − p)·c·(1 − w))/S)·(1, 1 − c, w) on (θ_S, θ_C, θ_W)"
        ]}
        source="The paper's appendix C and Theorem 3.2 (eq. 12-14); docs/theory/C-illustration.md. Claims C24 to C26, C18 and C20."
        assumed={[
          "k1 in the reward, as rewards-to-go; another place or estimator behaves otherwise (see the page KL).",
          "An answer is one choice whose log-ratio counts once a token, so all of its tokens have one log-ratio.",
          "In expectation the push is that of an endless group, A = (R − acc)/√(acc(1 − acc)); the field A concerns the trajectory alone."
        ]}
      />
    </>
  )
}
