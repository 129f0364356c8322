// Installs the dependencies when node_modules is missing or older than the lock file, so that `npm start` and
// `npm test` work as the only command on a fresh clone. Plain JavaScript: it runs on whatever Node is installed,
// before the Node that runs everything else (a dev dependency) exists.
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const stamp = join(root, "node_modules", ".decision-sampling-install")
const fingerprint = createHash("sha256")
  .update(readFileSync(join(root, "package.json")))
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex")

if (existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint) process.exit(0)

console.error("Installing the dependencies (once; about a minute) …")
const npm = process.platform === "win32" ? "npm.cmd" : "npm"
const run = spawnSync(npm, ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"], {
  cwd: root,
  stdio: ["ignore", "ignore", "inherit"],
  shell: process.platform === "win32"
})
if (run.status !== 0) {
  console.error(`npm ci ended with ${run.status ?? run.signal}. Is the package registry reachable? Try: npm ci`)
  process.exit(1)
}
writeFileSync(stamp, fingerprint)
