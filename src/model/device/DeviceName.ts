/**
 * The list of devices, without the devices: naming one loads no tensor library, asking for one loads its module.
 *
 * A device is a module beside this that exports a {@link DeviceModule}, and its line here.
 *
 * @module
 */
import { Effect, type Scope } from "effect"
import type { DeviceError, DeviceService } from "./Device.ts"
import type { ProductChoice } from "./Products.ts"

/** Starts a device; it lives as long as the scope. */
export type StartDevice = Effect.Effect<DeviceService, DeviceError, Scope.Scope>

/** The ways in which a device is asked for. */
export interface DeviceModule {
  /** By name. */
  readonly named: StartDevice
  /** By name, with what is to multiply matrices; left out where there is no choice. */
  readonly withProducts?: (products: ProductChoice) => StartDevice
  /** By `auto`, which takes it only if it is faster than those after it. */
  readonly auto: StartDevice
  /** By the doctor, also where nobody would want it. */
  readonly anywhere: StartDevice
}

/** Every device, fastest first: the order in which `auto` tries them. `hasOneAThread`: each thread has one; of the others all share one GPU. */
export const DEVICES = [
  { name: "nodeGpu", hasOneAThread: false, load: () => import("./NodeGpu.ts").then(({ nodeGpu }) => nodeGpu) },
  { name: "webgpu", hasOneAThread: false, load: () => import("./WebGpu.ts").then(({ webGpu }) => webGpu) },
  { name: "wasm", hasOneAThread: true, load: () => import("./Wasm.ts").then(({ wasm }) => wasm) },
  { name: "cpu", hasOneAThread: true, load: () => import("./Cpu.ts").then(({ cpu }) => cpu) }
] as const satisfies ReadonlyArray<{ readonly name: string; readonly hasOneAThread: boolean; readonly load: () => Promise<DeviceModule> }>

type Entry = (typeof DEVICES)[number]

/** The name of a device. */
export type DeviceName = Entry["name"]
/** The devices that can be asked for. */
export const DEVICE_NAMES: ReadonlyArray<DeviceName> = DEVICES.map(({ name }) => name)

/** What a configuration may ask for. */
export type DeviceChoice = "auto" | DeviceName
/** A device, or `auto`: the first of the list that really works, those of a GPU on a real one only. */
export const DEVICE_CHOICES: ReadonlyArray<DeviceChoice> = ["auto", ...DEVICE_NAMES]

/** Devices of which each thread has one of its own. */
export const hasOneAThread = (name: DeviceName): boolean => DEVICES.some((entry) => entry.name === name && entry.hasOneAThread)

/** A device that may or may not work on this machine. */
export interface DeviceCandidate {
  readonly name: string
  readonly device: StartDevice
}

type How = Exclude<keyof DeviceModule, "withProducts">

const start = ({ load }: Entry, how: How): StartDevice => Effect.flatMap(Effect.promise<DeviceModule>(load), (device) => device[how])

/** Every device as it is asked for in one way, fastest first. */
export const devicesBy = (how: How): ReadonlyArray<DeviceCandidate & { readonly name: DeviceName }> =>
  DEVICES.map((entry) => ({ name: entry.name, device: start(entry, how) }))

/** The device of a name with products; undefined where it has no choice of them, or the name is none. */
export const deviceWithProducts = (name: string, products: ProductChoice): Effect.Effect<StartDevice | undefined> => {
  const entry = DEVICES.find((entry) => entry.name === name)
  return entry === undefined
    ? Effect.succeed(undefined)
    : Effect.map(Effect.promise<DeviceModule>(entry.load), ({ withProducts }) => withProducts?.(products))
}
