/**
 * The page of `decision-sampling view`: with a server, or beside exported files.
 *
 * @module
 */
import { render } from "preact"
import { App } from "./App.tsx"
import { httpApi } from "./HttpApi.ts"
import { showSteering } from "./VisibleText.ts"

showSteering()

// What exported files need is loaded where there are such.
const folder = document.querySelector<HTMLMetaElement>("meta[name=data]")?.content
const api = folder === undefined ? httpApi : (await import("./StaticApi.ts")).staticApi(folder)
render(<App api={api} />, document.getElementById("page")!)
