/**
 * The files that native libraries are made of: where they come from, how large they are, what their licences are, and the SHA-256 they must have.
 *
 * @module
 */
import { InstallError } from "./InstallError.ts"

/** A file of a package index, exactly. */
export interface Download {
  /** Who serves it: the index that pip is configured for, or the registry that npm is. */
  readonly from: "pip" | "npm"
  readonly name: string
  readonly version: string
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  readonly licence: string
  /** For pip: the platform and Python that the file is for. No Python is started with it. */
  readonly platform?: string
  readonly python?: string
}

/** What can be installed. */
export const TARGETS = ["openblas", "tensorflow", "tensorflow-gpu"] as const
/** What can be installed. */
export type Target = (typeof TARGETS)[number]

/** The versions of TensorFlow that are known here. */
export const TENSORFLOWS = ["2.20.0", "2.9.1"] as const
/** A version of TensorFlow that is known here. */
export type TensorFlowVersion = (typeof TENSORFLOWS)[number]

/** The system that something is installed on: Node's platform and architecture, and whether its C library is glibc. */
export interface System {
  readonly platform: string
  readonly arch: string
  readonly isGlibc: boolean
}

/** The system of this process. */
export const thisSystem = (): System => {
  const report = process.platform === "linux" ? (process.report.getReport() as { readonly header?: Readonly<Record<string, unknown>> }) : {}
  return { platform: process.platform, arch: process.arch, isGlibc: report.header?.["glibcVersionRuntime"] !== undefined }
}

const describe = ({ arch, isGlibc, platform }: System): string =>
  `${platform} ${arch}${platform === "linux" && !isGlibc ? " with musl" : ""}`

const OPENBLAS = "0.3.34.0.0"

const openblasWheel = (platform: string, bytes: number, sha256: string): Download => ({
  from: "pip",
  name: "scipy-openblas32",
  version: OPENBLAS,
  file: `scipy_openblas32-${OPENBLAS}-py3-none-${platform}.whl`,
  bytes,
  sha256,
  licence: "BSD-3-Clause (OpenBLAS, LAPACK), GPL-3.0 with the GCC exception and LGPL-2.1 (its Fortran runtime); installed beside it",
  platform: platform.split(".")[0]!
})

const openblasWheels: Readonly<Record<string, Download>> = {
  "linux x64": openblasWheel(
    "manylinux_2_27_x86_64.manylinux_2_28_x86_64",
    8836393,
    "5b5df658f32271b3115d845ea91b19bed190591b55d27d9b5399b83071c68ea1"
  ),
  "linux arm64": openblasWheel(
    "manylinux_2_27_aarch64.manylinux_2_28_aarch64",
    9329914,
    "b534496a7c5fd69abf7938cbcc3f4fbb8108d9ed99ac9f93db229abd99281b06"
  ),
  "linux x64 with musl": openblasWheel(
    "musllinux_1_2_x86_64",
    9461494,
    "367ffdbc0e7b51c6851a629a04dd751af20ceffc2123223412bbccbc48a23356"
  ),
  "linux arm64 with musl": openblasWheel(
    "musllinux_1_2_aarch64",
    9608131,
    "f8cb72bac195384ac04372d55e98bcfe156e0c494b07802b5a2ad7ccf61e3715"
  ),
  "win32 x64": openblasWheel("win_amd64", 7127068, "e80cd667c9604f85aee2f0aa2ca547c5fc0f63d97b7b81b4b45401b1f912ff03"),
  "win32 arm64": openblasWheel("win_arm64", 5129104, "3003d1d72b95cd919bf6fccacd29f05f3bb007aba74e411c94388049fc9d153e")
}

const wheelPlatform = "manylinux_2_17_x86_64"

const tensorflowWheel = (name: string, version: TensorFlowVersion, python: string, bytes: number, sha256: string): Download => ({
  from: "pip",
  name,
  version,
  file: `${name.replaceAll("-", "_")}-${version}-cp${python.replace(".", "")}-cp${
    python.replace(".", "")
  }-${wheelPlatform}.manylinux2014_x86_64.whl`,
  bytes,
  sha256,
  licence: "Apache-2.0, with the notices of third parties (installed beside it)",
  platform: wheelPlatform,
  python
})

const tensorflowWheels: Readonly<Record<TensorFlowVersion, Readonly<Record<"cpu" | "gpu", Download>>>> = {
  "2.20.0": {
    cpu: tensorflowWheel(
      "tensorflow-cpu",
      "2.20.0",
      "3.11",
      258876263,
      "cf756bbe2d256e942ab5d0ad2c858fb40017581494febdb4387c149b1afde780"
    ),
    gpu: tensorflowWheel("tensorflow", "2.20.0", "3.11", 620570129, "481499fd0f824583de8945be61d5e827898cdaa4f5ea1bc2cc28ca2ccff8229e")
  },
  "2.9.1": {
    cpu: tensorflowWheel("tensorflow-cpu", "2.9.1", "3.9", 207457589, "6d12fa2baca92e507e0547567199c49659cb4a7fdbabcb6870c2c9e7382ac2bf"),
    gpu: tensorflowWheel("tensorflow", "2.9.1", "3.9", 511734605, "212a4d97fb6dedff257703d7a2ce50b0b8ec23d955938083363aa7bc526918cc")
  }
}

const nvidiaWheel = (part: string, version: string, bytes: number, sha256: string): Download => ({
  from: "pip",
  name: `nvidia-${part}-cu12`,
  version,
  file: `nvidia_${part.replaceAll("-", "_")}_cu12-${version}-py3-none-manylinux2014_x86_64.whl`,
  bytes,
  sha256,
  licence: "NVIDIA Proprietary Software (installed beside it)",
  platform: "manylinux2014_x86_64"
})

/** CUDA 12.5 and cuDNN 9.3, what TensorFlow 2.20 was built with: what it opens by name, and what those need. */
const cudaWheels: ReadonlyArray<Download> = [
  nvidiaWheel("cuda-runtime", "12.5.82", 895707, "3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115"),
  nvidiaWheel("cublas", "12.5.3.2", 363313169, "ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b"),
  nvidiaWheel("cudnn", "9.3.0.75", 577163502, "9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d"),
  nvidiaWheel("cufft", "11.2.3.61", 192524114, "9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8"),
  nvidiaWheel("cusolver", "11.6.3.83", 130341232, "93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b"),
  nvidiaWheel("cusparse", "12.5.1.3", 217558979, "016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752"),
  nvidiaWheel("nvjitlink", "12.5.82", 21298879, "f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212"),
  nvidiaWheel("cuda-nvrtc", "12.5.82", 24873108, "3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd"),
  nvidiaWheel("cuda-cupti", "12.5.82", 13811507, "bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953")
]

const npmPackage = (name: string, version: string, bytes: number, sha256: string, licence: string): Download => ({
  from: "npm",
  name,
  version,
  file: `${name.replace("@", "").replaceAll("/", "-")}-${version}.tgz`,
  bytes,
  sha256,
  licence
})

/** The part of TensorFlow.js that speaks to TensorFlow: its JavaScript, and the C++ that is compiled. */
export const binding = npmPackage(
  "@tensorflow/tfjs-node-gpu",
  "4.22.0",
  223379,
  "afd5599ee1662e732c00a0ad1f52a3d001bdc118a1f44bd592a0a0ebf2daa4c7",
  "Apache-2.0"
)

/** What the JavaScript of the binding needs. */
export const protobuf = npmPackage(
  "google-protobuf",
  "3.21.4",
  68046,
  "38299bb1802ce06900ea2e43650aded8393cd6a00012ed97ffc716eeab1e1091",
  "BSD-3-Clause and Apache-2.0"
)

/** Node's headers, against which the binding is compiled. */
export const headers = npmPackage(
  "node-api-headers",
  "1.9.0",
  16974,
  "6cbfac49542194ae2c8f1dee5fa2dc00d66bec9cbf3b59e3a4e5f16d14eb0d19",
  "MIT"
)

/** What is asked for. */
export interface Request {
  readonly target: Target
  readonly tensorflow: TensorFlowVersion
  /** NVIDIA's libraries too. */
  readonly withCuda: boolean
}

/** What a request comes to on a system. */
export interface Plan extends Request {
  readonly title: string
  /** Of its kind's folder, "openblas" or "tensorflow", the part that the installation is; "" for all of it. */
  readonly part: string
  /** The library first. */
  readonly downloads: ReadonlyArray<Download>
  /** Bytes of the installation on disk, without the downloads. */
  readonly installed: number
}

const nothingFor = (what: string, system: System, advice: string): InstallError =>
  new InstallError({
    reason: "Platform",
    problem: `there is no ${what} for ${describe(system)} that this command knows how to install`,
    advice
  })

const MB = 1e6

const openblasPlan = (request: Request, system: System): Plan | InstallError => {
  if (system.platform === "darwin") return nothingFor("OpenBLAS", system, "macOS brings Accelerate, which needs no installation")
  const wheel = openblasWheels[describe(system)]
  if (wheel === undefined) return nothingFor("OpenBLAS", system, "Install a BLAS with the system's package manager")
  return { ...request, title: `OpenBLAS ${OPENBLAS}`, part: "", downloads: [wheel], installed: 31 * MB }
}

/** Bytes on disk of each TensorFlow with its binding. */
const installedBytes: Readonly<Record<TensorFlowVersion, Readonly<Record<"cpu" | "gpu", number>>>> = {
  "2.20.0": { cpu: 784 * MB, gpu: 1277 * MB },
  "2.9.1": { cpu: 511 * MB, gpu: 974 * MB }
}
const CUDA_BYTES = 2398 * MB

const tensorflowPlan = (request: Request, system: System): Plan | InstallError => {
  const { target, tensorflow, withCuda } = request
  if (system.platform !== "linux" || system.arch !== "x64" || !system.isGlibc) {
    return nothingFor("TensorFlow", system, "It is for Linux on x86-64 with glibc. The devices webgpu and wasm run here")
  }
  const build = target === "tensorflow-gpu" ? "gpu" : "cpu"
  return {
    ...request,
    title: `TensorFlow ${tensorflow} ${
      build === "gpu" ? `for NVIDIA GPUs${withCuda ? ", with CUDA 12.5 and cuDNN 9.3" : ""}` : "for processors"
    }`,
    part: `${tensorflow}-${build}${withCuda ? "-cuda" : ""}`,
    downloads: [tensorflowWheels[tensorflow][build], binding, protobuf, headers, ...(withCuda ? cudaWheels : [])],
    installed: installedBytes[tensorflow][build] + (withCuda ? CUDA_BYTES : 0)
  }
}

/** What a request comes to: the files and their sizes; or why there is nothing for this system. */
export const planOf = (request: Request, system = thisSystem()): Plan | InstallError => {
  const { target, tensorflow, withCuda } = request
  if (withCuda && (target !== "tensorflow-gpu" || tensorflow !== "2.20.0")) {
    return new InstallError({
      reason: "Platform",
      problem: `--with-cuda goes with tensorflow-gpu 2.20.0, not with ${target}${target === "openblas" ? "" : ` ${tensorflow}`}`,
      advice: target === "tensorflow-gpu"
        ? "TensorFlow 2.9.1 needs CUDA 11.2 and cuDNN 8 of the system"
        : "Leave it out, or ask for tensorflow-gpu"
    })
  }
  return target === "openblas" ? openblasPlan(request, system) : tensorflowPlan(request, system)
}
