import { deviceWasm } from "../../../src/training/device/Wasm.ts"
import { deviceLaws } from "./Laws.ts"

deviceLaws("wasm device", deviceWasm)
