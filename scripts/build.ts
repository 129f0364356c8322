// Emits dist: JavaScript, declarations, the WebAssembly kernels and Python files beside the modules that load them, and the page of `view`.
import { execFileSync } from "node:child_process"
import { cpSync, globSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { bundlePage } from "../src/cli/view/Bundle.ts"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const dist = join(root, "dist")

rmSync(dist, { recursive: true, force: true })
execFileSync(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit"
})
for (const file of globSync("**/*.{wasm,py}", { cwd: join(root, "src") })) {
  cpSync(join(root, "src", file), join(dist, file))
}
await bundlePage(join(root, "src", "view"), join(dist, "page"))
