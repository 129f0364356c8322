/**
 * Where a BLAS may lie: names that the system's loader knows and paths, the best first.
 *
 * @module
 */
import { downloadedOpenBlas, joined, type Machine } from "./NativeFolder.ts"

/** The environment variable that names a shared library with cblas_sgemm, or is `none`. */
export const BLAS_VARIABLE = "DECISION_SAMPLING_BLAS"

const folders = (machine: Machine): ReadonlyArray<string> => {
  const { arch, env, home, platform } = machine
  const conda = env["CONDA_PREFIX"] === undefined || env["CONDA_PREFIX"] === "" ? [] : [env["CONDA_PREFIX"]]
  switch (platform) {
    case "darwin":
      return [...conda.map((prefix) => `${prefix}/lib`), "/opt/homebrew/opt/openblas/lib", "/usr/local/opt/openblas/lib"]
    case "win32":
      return conda.map((prefix) => joined(machine, prefix, "Library", "bin"))
    default: {
      const debian = `/usr/lib/${arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`
      return [
        ...conda.map((prefix) => `${prefix}/lib`),
        ...["openblas-pthread", "openblas-serial", "openblas-openmp"].map((build) => `${debian}/${build}`),
        debian,
        "/usr/lib64",
        "/usr/lib",
        "/usr/local/lib",
        "/home/linuxbrew/.linuxbrew/opt/openblas/lib",
        `${home}/.linuxbrew/opt/openblas/lib`
      ]
    }
  }
}

// Builds with 64-bit integers last. One with a way to set its threads only: see `openBlas`.
const names = ({ platform }: Machine): { readonly openBlas: ReadonlyArray<string>; readonly others: ReadonlyArray<string> } => {
  switch (platform) {
    case "darwin":
      return { openBlas: ["libopenblas.dylib", "libopenblas.0.dylib"], others: ["libblis.dylib", "libmkl_rt.2.dylib"] }
    case "win32":
      return { openBlas: ["libopenblas.dll", "openblas.dll"], others: ["mkl_rt.2.dll"] }
    default:
      return {
        openBlas: ["libopenblas.so.0", "libopenblasp.so.0", "libopenblas.so", "libopenblas64.so.0"],
        others: ["libblis.so.4", "libblis.so.5", "libblis.so", "libmkl_rt.so.2", "libmkl_rt.so"]
      }
  }
}

const accelerate = "/System/Library/Frameworks/Accelerate.framework/Accelerate"

/**
 * Where to look, in this order: an OpenBLAS downloaded for this package, Accelerate on macOS, the system's OpenBLAS (by name, then
 * in the folders of Debian, Fedora, Arch, Homebrew and conda), BLIS, MKL. The reference BLAS and what else calls itself
 * libcblas or libblas is not looked for: the reference is slower than the own kernels, and of the others it cannot be told what they are.
 */
export const blasPlaces = (machine: Machine): ReadonlyArray<string> => {
  const { openBlas, others } = names(machine)
  const everywhere = (files: ReadonlyArray<string>): ReadonlyArray<string> => [
    ...files,
    ...folders(machine).flatMap((folder) => files.map((file) => joined(machine, folder, file)))
  ]
  return [
    downloadedOpenBlas(machine),
    ...(machine.platform === "darwin" ? [accelerate] : []),
    ...everywhere(openBlas),
    ...everywhere(others)
  ]
}
