/**
 * Which rollouts of a set are asked for: the same bar wherever rollouts are looked at.
 *
 * @module
 */
import { OUTCOMES } from "../../domain/Outcomes.ts"
import type { Filter, SetInfo } from "../Api.ts"
import { CheckList } from "./CheckList.tsx"
import { EVENT_GROUPS, EVENT_WORDS } from "./EventWords.ts"
import { FilterChips } from "./FilterChips.tsx"
import { tidy, toggled } from "./FilterParts.ts"
import { Menu } from "./Menu.tsx"
import { RangeFields } from "./RangeFields.tsx"
import { TextField } from "./TextField.tsx"

/** What the bar is given. */
export interface FilterBarProps {
  readonly set: SetInfo
  readonly filter: Filter
  readonly onChange: (filter: Filter) => void
  /** Whether it also looks for a text; left out: it does. */
  readonly hasText?: boolean
}

const stateOf = (chosen: ReadonlyArray<string>, all: string): string =>
  chosen.length === 0 ? all : chosen.length <= 2 ? chosen.join(", ") : `${chosen.length} of them`

/** The bar. What it does not show of a filter (the samples of one prompt) stands among the chips, and can be taken out there. */
export const FilterBar = ({ filter, hasText = true, onChange, set }: FilterBarProps) => {
  const { attempts, events = [], levels = [], outcomes = [], steps } = filter
  const change = (part: { readonly [Name in keyof Filter]?: Filter[Name] | undefined }): void =>
    onChange(tidy({ ...filter, ...part } as Filter))
  const [firstStep, lastStep] = [set.steps[0], set.steps.at(-1)]
  return (
    <div role="group" aria-label="Filter">
      <div class="bar">
        {set.levels.length > 1 && (
          <Menu name="Level" state={stateOf(levels, "all")}>
            <CheckList
              legend="Rollouts of one of these"
              choices={set.levels.map(({ level, rows }) => ({ value: level, name: level, count: rows }))}
              chosen={levels}
              onToggle={(level, isIn) => change({ levels: toggled(levels, level, isIn) })}
            />
          </Menu>
        )}
        <Menu name="Outcome" state={stateOf(outcomes, "any")}>
          <CheckList
            legend="Rollouts that ended in one of these"
            choices={OUTCOMES.filter((outcome) => set.outcomes[outcome] > 0 || outcomes.includes(outcome)).map((outcome) => ({
              value: outcome,
              name: outcome,
              count: set.outcomes[outcome]
            }))}
            chosen={outcomes}
            onToggle={(outcome, isIn) => change({ outcomes: toggled(outcomes, outcome, isIn) })}
          />
        </Menu>
        <Menu name="What happens" state={stateOf(events.map((event) => EVENT_WORDS[event]), "anything")}>
          <p class="dim">Rollouts in which all that is marked happens</p>
          {EVENT_GROUPS.map(({ events: some, name }) => (
            <CheckList
              key={name}
              legend={name}
              choices={some.map((event) => ({ value: event, name: EVENT_WORDS[event] }))}
              chosen={events}
              onToggle={(event, isIn) => change({ events: toggled(events, event, isIn) })}
            />
          ))}
        </Menu>
        {set.mostAttempts > 1 && (
          <Menu name="Attempts" state={attempts === undefined ? "any number" : attempts.join(" to ")}>
            <RangeFields
              legend="Attempts of a rollout"
              ends={[0, set.mostAttempts]}
              range={attempts}
              onChange={(range) => change({ attempts: range })}
            />
          </Menu>
        )}
        {firstStep !== undefined && lastStep !== undefined && firstStep !== lastStep && (
          <Menu name="Step" state={steps === undefined ? "all" : steps[0] === steps[1] ? String(steps[0]) : steps.join(" to ")}>
            <RangeFields
              legend="Steps of training"
              ends={[firstStep, lastStep]}
              range={steps}
              onChange={(range) =>
                change({ steps: range })}
            />
          </Menu>
        )}
        {hasText && <TextField text={filter.text ?? ""} onChange={(text) => change({ text })} />}
      </div>
      <FilterChips filter={filter} onChange={onChange} />
    </div>
  )
}
