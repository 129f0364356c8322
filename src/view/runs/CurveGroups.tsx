/**
 * All charts of the shown runs, or the one that was asked for.
 *
 * @module
 */
import { linkTo } from "../Place.ts"
import { CurveChart, type CurveStyle } from "./CurveChart.tsx"
import { apart, type CurveGroup } from "./MetricGroups.ts"
import type { ShownRun } from "./RunCurves.ts"

const withParam = (params: URLSearchParams, name: string, value: string | undefined): URLSearchParams => {
  const next = new URLSearchParams(params)
  if (value === undefined) next.delete(name)
  else next.set(name, value)
  return next
}

interface GroupsProps {
  readonly groups: ReadonlyArray<CurveGroup>
  readonly runs: ReadonlyArray<ShownRun>
  readonly style: CurveStyle
  readonly params: URLSearchParams
}

const Charts = ({ group: { charts }, params, runs, style }: Omit<GroupsProps, "groups"> & { readonly group: CurveGroup }) => (
  <div class="charts">
    {charts.map((chart) => (
      <CurveChart key={chart.id} chart={chart} runs={runs} style={style} href={linkTo("runs", withParam(params, "metric", chart.id))} />
    ))}
  </div>
)

/** The charts in groups. With `metric` among the parameters the chart of that name alone, large. */
export const CurveGroups = ({ groups, params, runs, style }: GroupsProps) => {
  const drawn = groups.map((group) => ({ ...group, charts: runs.length > 1 ? group.charts.flatMap(apart) : group.charts }))
  const asked = params.get("metric")
  const all = [...groups, ...drawn].flatMap(({ charts }) => charts)
  // What several runs show apart is together in an address that was made with one.
  const large = all.filter(({ id }) => id === asked).slice(0, 1).flatMap((chart) => (runs.length > 1 ? apart(chart) : [chart]))
  const isLog = params.get("log") === "1"
  if (large.length > 0) {
    return (
      <>
        <p class="bar">
          <a href={linkTo("runs", withParam(params, "metric", undefined))}>All charts</a>
          <a href={linkTo("runs", withParam(params, "log", isLog ? undefined : "1"))}>
            {isLog ? "Linear y axis" : "Logarithmic y axis"}
          </a>
        </p>
        {isLog && <p class="dim">Values of 0 and below have no place on a logarithmic axis and are left out.</p>}
        {large.map((chart) => (
          <CurveChart
            key={chart.id}
            chart={chart}
            runs={runs}
            style={style}
            href={linkTo("runs", withParam(params, "metric", undefined))}
            isLarge
            isLog={isLog}
          />
        ))}
      </>
    )
  }
  return (
    <>
      {asked !== null && (
        <p class="note">
          No shown run measured <code>{asked}</code>.
        </p>
      )}
      {drawn.map((group) =>
        group.isFolded
          ? (
            <details key={group.name}>
              <summary>
                {group.name} ({group.charts.length})
              </summary>
              <Charts group={group} runs={runs} style={style} params={params} />
            </details>
          )
          : (
            <section key={group.name} aria-label={group.name}>
              <h2>{group.name}</h2>
              <Charts group={group} runs={runs} style={style} params={params} />
            </section>
          )
      )}
    </>
  )
}
