/**
 * Everything with a tensor: devices, architectures, losses as tensors, policies that can be trained, and their threads.
 *
 * @module
 */
export * as Transformer from "./architecture/Transformer.ts"
export { extendSegments } from "./architecture/Segments.ts"
export { parameterLayout } from "./architecture/ParameterLayout.ts"
export type { ParameterEntry, ParameterLayout } from "./architecture/ParameterLayout.ts"
export { Backprop, gradientOf } from "./Backprop.ts"
export type { BackpropService, LossRequest, LossResult } from "./Backprop.ts"
export { deviceAuto } from "./device/Auto.ts"
export { deviceCpu } from "./device/Cpu.ts"
export { Device, DeviceError } from "./device/Device.ts"
export type { DeviceInfo, DeviceService, TensorLibrary } from "./device/Device.ts"
export { DEVICE_CHOICES, DEVICE_NAMES } from "./device/DeviceName.ts"
export type { DeviceChoice, DeviceName } from "./device/DeviceName.ts"
export type { KvCache, Ops } from "./device/DeviceOps.ts"
export { layerNamed, resolveDevice } from "./device/NamedDevice.ts"
export { deviceNodeGpu, deviceNodeGpuWith } from "./device/NodeGpu.ts"
export { deviceWasm } from "./device/Wasm.ts"
export { deviceWebGpu, deviceWebGpuWith } from "./device/WebGpu.ts"
export * as ArithmeticTokenizer from "./grammar/ArithmeticTokenizer.ts"
export * as SingleTurn from "./grammar/SingleTurn.ts"
export * as Batch from "./loss/Batch.ts"
export * as ParallelPolicy from "./parallel/ParallelPolicy.ts"
export * as TabularPolicy from "./policy/TabularPolicy.ts"
export * as TransformerPolicy from "./policy/TransformerPolicy.ts"
