/**
 * The view Compare: two sets of rollouts, or a comparison that lies in a file.
 *
 * @module
 */
import type { ViewProps } from "../App.tsx"
import type { DocumentInfo, SetInfo } from "../Api.ts"
import { filterParams } from "../FilterParams.ts"
import { Failure } from "../parts/Failure.tsx"
import { SetSelect } from "../parts/SetSelect.tsx"
import { SetState } from "../parts/SetState.tsx"
import { useAnswer } from "../parts/useAnswer.ts"
import { linkTo } from "../Place.ts"
import { ComparisonShown } from "./ComparisonShown.tsx"
import { Flips } from "./Flips.tsx"

const rolloutsOf = (set: string, levels: ReadonlyArray<string> | undefined): string => {
  const params = filterParams(levels === undefined ? {} : { levels })
  params.set("set", set)
  return linkTo("rollouts", params)
}

const OfSets = ({ api, from, to }: Pick<ViewProps, "api"> & { readonly from: SetInfo; readonly to: SetInfo }) => {
  const key = [from, to].map(({ edition, id, rows }) => `${id}:${edition}:${rows}`).join(" ")
  const { isAwaited, problem, value } = useAnswer(
    key,
    () => api.compare(from.id, to.id).then((compared) => ({ compared, from: from.id, to: to.id }))
  )
  return (
    <>
      {problem !== undefined && <Failure problem={problem} />}
      <p role="status" class="dim">{isAwaited ? "Comparing …" : ""}</p>
      {value !== undefined && (
        <div aria-busy={isAwaited} class={isAwaited ? "stale" : undefined}>
          <ComparisonShown
            comparison={value.compared.comparison}
            linksOf={(levels) => (
              <>
                <a href={rolloutsOf(value.from, levels)}>before</a> <a href={rolloutsOf(value.to, levels)}>after</a>
              </>
            )}
          />
          <Flips {...value} />
        </div>
      )}
    </>
  )
}

const OfFile = ({ api, file }: Pick<ViewProps, "api"> & { readonly file: DocumentInfo }) => {
  const { isAwaited, problem, value } = useAnswer(file.id, () => api.comparison(file.id))
  return (
    <>
      <h2>{file.name}</h2>
      {problem !== undefined && <Failure problem={problem} />}
      <p role="status" class="dim">{isAwaited ? "Reading …" : ""}</p>
      {value !== undefined && <ComparisonShown comparison={value} />}
    </>
  )
}

/** The view. Its address says the two sets, or the file. */
export const CompareView = ({ api, go, overview: { comparisons, sets }, params }: ViewProps) => {
  const readable = sets.filter(({ rows }) => rows > 0)
  const asked = params.get("comparison")
  const [fromId, toId] = [params.get("from") ?? readable[0]?.id ?? "", params.get("to") ?? readable[1]?.id ?? ""]
  const [from, to] = [sets.find(({ id }) => id === fromId), sets.find(({ id }) => id === toId)]
  const file = comparisons.find(({ id }) => id === asked) ?? (readable.length < 2 ? comparisons[0] : undefined)
  const choose = (ids: { readonly from: string; readonly to: string }): void => go(new URLSearchParams(ids))
  return (
    <>
      <h1>Compare</h1>
      {comparisons.length > 0 && (
        <p>
          Comparisons in files: {comparisons.map(({ id, name }) => (
            <span key={id}>
              <a href={linkTo("compare", { comparison: id })} aria-current={file?.id === id ? "true" : undefined}>{name}</a>
              {" "}
            </span>
          ))}
        </p>
      )}
      {readable.length >= 2 && (
        <div class="bar">
          <SetSelect label="From" sets={sets} value={file === undefined ? fromId : ""} onChange={(id) => choose({ from: id, to: toId })} />
          <button type="button" disabled={file !== undefined} onClick={() => choose({ from: toId, to: fromId })}>⇄ Swap</button>
          <SetSelect label="To" sets={sets} value={file === undefined ? toId : ""} onChange={(id) => choose({ from: fromId, to: id })} />
        </div>
      )}
      {file !== undefined
        ? <OfFile api={api} file={file} />
        : asked !== null
        ? <Failure problem={{ problem: "The comparison of this address is not here", advice: "Choose sets above, or name its file" }} />
        : from !== undefined && to !== undefined
        ? (
          <>
            <SetState set={from} />
            {to.id !== from.id && <SetState set={to} />}
            {from.id === to.id
              ? <p>Both are the same rollouts: choose two that differ.</p>
              : <OfSets api={api} from={from} to={to} />}
          </>
        )
        : readable.length >= 2
        ? <Failure problem={{ problem: "The rollouts of this address are not here", advice: "Choose others above" }} />
        : (
          <p>
            A comparison needs two sets of rollouts: <code>decision-sampling view BEFORE AFTER</code>, or a file that{" "}
            <code>calibrate compare --json</code> wrote.
          </p>
        )}
    </>
  )
}
