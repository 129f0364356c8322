// Runs the device laws on WebGPU, on whatever Vulkan driver there is: a GPU's, one that VK_ICD_FILENAMES names, or the
// software driver SwiftShader that Debian's chromium brings. Says aloud why when it finds none; that is not a failure
// unless asked for with --required, as where a driver is known to be installed.
import { spawnSync } from "node:child_process"
import { existsSync, globSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")

interface Driver {
  readonly name: string
  readonly environment: Readonly<Record<string, string>>
}

const chromium = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome", "/snap/chromium/current/usr/lib/chromium-browser"]

/** The driver to use: the one asked for, else an installed one, else chromium's, whose folder also holds a Vulkan loader. */
const findDriver = (): Driver | undefined => {
  const asked = process.env["VK_ICD_FILENAMES"]
  if (asked !== undefined) return { name: asked, environment: {} }
  const [installed] = globSync(["/usr/share/vulkan/icd.d/*.json", "/etc/vulkan/icd.d/*.json"])
  if (installed !== undefined) return { name: installed, environment: {} }
  const folder = chromium.find((candidate) => existsSync(join(candidate, "vk_swiftshader_icd.json")))
  if (folder === undefined) return undefined
  const driver = join(folder, "vk_swiftshader_icd.json")
  const libraries = [process.env["LD_LIBRARY_PATH"], folder].filter((path) => path !== undefined && path !== "").join(":")
  return { name: driver, environment: { VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: libraries } }
}

/** Why the laws cannot run here, or undefined. */
const obstacle = (driver: Driver | undefined): string | undefined => {
  for (const name of ["webgpu", "@tensorflow/tfjs-backend-webgpu"]) {
    if (!existsSync(join(root, "node_modules", name))) return `the optional package ${name} is not installed; run npm ci`
  }
  if (process.platform === "linux" && driver === undefined) {
    return `no Vulkan driver in /usr/share/vulkan, /etc/vulkan or ${
      chromium.join(", ")
    }; install one (Debian: apt-get install chromium, or mesa-vulkan-drivers), or name one in VK_ICD_FILENAMES`
  }
  return undefined
}

const driver = findDriver()
const reason = obstacle(driver)
if (reason !== undefined) {
  console.log(`WebGPU tests SKIPPED: ${reason}.`)
  process.exit(process.argv.includes("--required") ? 1 : 0)
}
console.log(`WebGPU tests on ${driver?.name ?? "the system's driver"}`)
const { status } = spawnSync(process.execPath, [
  join(root, "node_modules", "vitest", "vitest.mjs"),
  "run",
  "test/model/device/WebGpu.test.ts"
], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, ...driver?.environment, TEST_WEBGPU: "1" }
})
process.exit(status ?? 1)
