/**
 * What goes wrong inside a view stays there: the rest of the page goes on.
 *
 * @module
 */
import { Component, type ComponentChildren } from "preact"
import { Failure } from "./Failure.tsx"

interface State {
  readonly problem: string | undefined
}

/** Shows its children, or in words that they failed. */
export class Boundary extends Component<{ readonly children: ComponentChildren }, State> {
  override state: State = { problem: undefined }

  static override getDerivedStateFromError(error: unknown): State {
    return { problem: error instanceof Error ? error.message : String(error) }
  }

  override render() {
    const { problem } = this.state
    return problem === undefined
      ? this.props.children
      : <Failure problem={{ problem: `This view failed (${problem})`, advice: "Choose another above, or reload the page" }} />
  }
}
