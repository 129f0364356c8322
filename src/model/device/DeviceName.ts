/**
 * The names of devices, without the devices: naming one loads no tensor library.
 *
 * @module
 */

/** The devices that can be asked for. */
export const DEVICE_NAMES = ["wasm", "cpu", "webgpu", "nodeGpu"] as const
/** The name of a device. */
export type DeviceName = (typeof DEVICE_NAMES)[number]

/** A device, or `auto`: the first of nodeGpu, webgpu, wasm and cpu that really works, the first two on a real GPU only. */
export const DEVICE_CHOICES = ["auto", ...DEVICE_NAMES] as const
/** What a configuration may ask for. */
export type DeviceChoice = (typeof DEVICE_CHOICES)[number]

/** Devices of which each thread has one of its own; of the others all threads would share one GPU. */
export const hasOneAThread = (name: DeviceName): boolean => name === "wasm" || name === "cpu"
