/**
 * Which CUDA a TensorFlow needs, and the libraries it looks for before it uses a GPU.
 *
 * @module
 */

/** The CUDA and cuDNN that a version of TensorFlow was built with. */
export interface CudaNeeds {
  readonly cuda: string
  readonly cudnn: string
  /** Every library TensorFlow opens by name; it uses no GPU unless all are there. The first is the driver's. */
  readonly libraries: ReadonlyArray<string>
}

// Sources: the wheels' own build information, and the libraries that TensorFlow names as missing.
const byVersion: Readonly<Record<string, CudaNeeds>> = {
  "2.9": {
    cuda: "11.2",
    cudnn: "8",
    libraries: [
      "libcuda.so.1",
      "libcudart.so.11.0",
      "libcublas.so.11",
      "libcublasLt.so.11",
      "libcufft.so.10",
      "libcurand.so.10",
      "libcusolver.so.11",
      "libcusparse.so.11",
      "libcudnn.so.8"
    ]
  },
  "2.20": {
    cuda: "12.5",
    cudnn: "9",
    libraries: [
      "libcuda.so.1",
      "libcudart.so.12",
      "libcublas.so.12",
      "libcublasLt.so.12",
      "libcufft.so.11",
      "libcusolver.so.11",
      "libcusparse.so.12",
      "libcudnn.so.9"
    ]
  }
}

/** What a TensorFlow of this version needs, or undefined for a version that is not known here. */
export const cudaNeeds = (version: string | undefined): CudaNeeds | undefined => {
  const [, minor = ""] = /^(\d+\.\d+)\./.exec(version ?? "") ?? []
  return byVersion[minor]
}
