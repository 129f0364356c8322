import { deviceWasmWith } from "../../../src/training/device/Wasm.ts"
import { deviceLaws } from "./Laws.ts"

deviceLaws("wasm device with the tensor library's kernels", deviceWasmWith("none"))
