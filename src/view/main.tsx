/**
 * The page of `decision-sampling view`.
 *
 * @module
 */
import { render } from "preact"
import { App } from "./App.tsx"
import { httpApi } from "./HttpApi.ts"

render(<App api={httpApi} />, document.getElementById("page")!)
