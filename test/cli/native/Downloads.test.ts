import { describe, expect, it } from "vitest"
import { planOf, type Request, type System, TENSORFLOWS } from "../../../src/cli/native/Downloads.ts"
import { pipArguments } from "../../../src/cli/native/Fetch.ts"
import { InstallError } from "../../../src/cli/native/InstallError.ts"
import { describePlan, placeOf } from "../../../src/cli/native/Install.ts"

const linux: System = { platform: "linux", arch: "x64", isGlibc: true }
const request = (change: Partial<Request> = {}): Request => ({ target: "tensorflow", tensorflow: "2.20.0", withCuda: false, ...change })

const plan = (change: Partial<Request> = {}, system = linux) => {
  const made = planOf(request(change), system)
  if (made instanceof InstallError) throw made
  return made
}

describe("what is downloaded", () => {
  it.each([
    ...TENSORFLOWS.flatMap((tensorflow) => [request({ tensorflow }), request({ tensorflow, target: "tensorflow-gpu" })]),
    request({ target: "tensorflow-gpu", withCuda: true }),
    request({ target: "openblas" })
  ])("is said for $target $tensorflow, CUDA $withCuda: every file with its size, licence and SHA-256, and where it goes", (asked) => {
    const made = plan(asked)
    const text = describePlan(made, "/cache/here")
    expect(text).toContain("/cache/here")
    expect(text).toContain("nothing is redistributed")
    for (const { bytes, file, licence, name, sha256 } of made.downloads) {
      for (const part of [file, licence, name, sha256]) expect(text).toContain(part)
      expect(sha256).toMatch(/^[0-9a-f]{64}$/)
      expect(bytes).toBeGreaterThan(10_000)
    }
    expect(made.installed).toBeGreaterThan(1e6)
    expect(new Set(made.downloads.map(({ sha256 }) => sha256)).size).toBe(made.downloads.length)
  })

  it("is another folder for each version and build, so that one does not overwrite the other", () => {
    const parts = TENSORFLOWS.flatMap((tensorflow) =>
      (["tensorflow", "tensorflow-gpu"] as const).map((target) => plan({ tensorflow, target }).part)
    )
    expect(new Set([...parts, plan({ target: "tensorflow-gpu", withCuda: true }).part]).size).toBe(5)
  })

  it("is asked of pip for the platform and Python of the file, without its cache, and nothing else", () => {
    const [wheel] = plan().downloads
    const given = pipArguments(wheel!, "/tmp/requirements.txt", "/tmp/wheel").join(" ")
    expect(given).toContain("--platform manylinux_2_17_x86_64 --implementation cp --python-version 3.11")
    expect(given).toMatch(/^download --no-deps --only-binary=:all: --no-cache-dir/)
    const [openblas] = plan({ target: "openblas" }).downloads
    expect(pipArguments(openblas!, "r", "d")).toEqual(expect.arrayContaining(["--platform", "manylinux_2_27_x86_64"]))
    expect(pipArguments(openblas!, "r", "d")).not.toContain("--python-version")
  })

  it.each<readonly [System, RegExp]>([
    [{ platform: "darwin", arch: "arm64", isGlibc: false }, /no TensorFlow for darwin arm64/],
    [{ platform: "win32", arch: "x64", isGlibc: false }, /no TensorFlow for win32 x64/],
    [{ platform: "linux", arch: "arm64", isGlibc: true }, /no TensorFlow for linux arm64/],
    [{ platform: "linux", arch: "x64", isGlibc: false }, /no TensorFlow for linux x64 with musl/]
  ])("is nothing for TensorFlow on %j, said at once", (system, message) => {
    const made = planOf(request(), system)
    expect(made).toBeInstanceOf(InstallError)
    expect(made).toMatchObject({ reason: "Platform", message: expect.stringMatching(message) })
  })

  it.each<readonly [System, string]>([
    [{ platform: "win32", arch: "x64", isGlibc: false }, "win_amd64"],
    [{ platform: "linux", arch: "arm64", isGlibc: true }, "manylinux_2_27_aarch64"],
    [{ platform: "linux", arch: "x64", isGlibc: false }, "musllinux_1_2_x86_64"]
  ])("is OpenBLAS for %j", (system, platform) => {
    expect(plan({ target: "openblas" }, system).downloads[0]!.file).toContain(platform)
  })

  it("is no OpenBLAS for macOS, which has Accelerate, nor for what has no wheel", () => {
    const openblas = request({ target: "openblas" })
    expect(planOf(openblas, { platform: "darwin", arch: "arm64", isGlibc: false })).toMatchObject({
      message: expect.stringContaining("Accelerate")
    })
    expect(planOf(openblas, { platform: "linux", arch: "riscv64", isGlibc: true })).toMatchObject({ reason: "Platform" })
  })

  it.each([
    request({ withCuda: true }),
    request({ target: "openblas", withCuda: true }),
    request({ target: "tensorflow-gpu", tensorflow: "2.9.1", withCuda: true })
  ])(
    "is no CUDA for $target $tensorflow, and it says why",
    (asked) => {
      expect(planOf(asked, linux)).toMatchObject({
        reason: "Platform",
        message: expect.stringContaining("--with-cuda goes with tensorflow-gpu 2.20.0")
      })
    }
  )
})

describe("what of a wheel is unpacked", () => {
  const places = (change: Partial<Request>, entries: ReadonlyArray<string>, which = 0) =>
    entries.map(placeOf(request(change), plan(change).downloads[which]!))

  it("of TensorFlow the libraries, the licences and the headers of its C interface, the latter for compiling only", () => {
    expect(places({}, [
      "tensorflow/libtensorflow_cc.so.2",
      "tensorflow/libtensorflow_framework.so.2",
      "tensorflow/THIRD_PARTY_NOTICES.txt",
      "tensorflow/include/tensorflow/c/eager/c_api.h",
      "tensorflow/include/tensorflow/core/platform/ctstring.h",
      "tensorflow/include/tensorflow/core/framework/op.h",
      "tensorflow/python/_pywrap_tensorflow_internal.so",
      "tensorflow/__init__.py"
    ])).toEqual([
      "lib/libtensorflow_cc.so.2",
      "lib/libtensorflow_framework.so.2",
      "licences/tensorflow-third-parties.txt",
      "build/include/tensorflow/c/eager/c_api.h",
      "build/include/tensorflow/core/platform/ctstring.h",
      undefined,
      undefined,
      undefined
    ])
    expect(places({ tensorflow: "2.9.1" }, ["tensorflow/python/_pywrap_tensorflow_internal.so", "tensorflow-2.9.1.dist-info/LICENSE"]))
      .toEqual(["lib/_pywrap_tensorflow_internal.so", "licences/tensorflow-cpu.txt"])
  })

  it("of NVIDIA's wheels the libraries, where TensorFlow's search path names them", () => {
    const cuda = { target: "tensorflow-gpu", withCuda: true } as const
    const which = plan(cuda).downloads.findIndex(({ name }) => name === "nvidia-cudnn-cu12")
    expect(
      places(
        cuda,
        ["nvidia/cudnn/lib/libcudnn.so.9", "nvidia/cudnn/include/cudnn.h", "nvidia_cudnn_cu12-9.3.0.75.dist-info/License.txt"],
        which
      )
    )
      .toEqual(["nvidia/cudnn/lib/libcudnn.so.9", undefined, "licences/nvidia-cudnn-cu12.txt"])
  })

  it("of OpenBLAS all libraries side by side, as they look for each other", () => {
    expect(places({ target: "openblas" }, [
      "scipy_openblas32/lib/libscipy_openblas.so",
      "scipy_openblas32/lib/libgfortran-83c28eba.so.5.0.0",
      "scipy_openblas32/lib/libscipy_openblas.dll",
      "scipy_openblas32/lib/scipy_openblas.dll",
      "scipy_openblas32/include/cblas.h"
    ])).toEqual(["libscipy_openblas.so", "libgfortran-83c28eba.so.5.0.0", "libscipy_openblas.dll", "libscipy_openblas.dll", undefined])
  })
})
