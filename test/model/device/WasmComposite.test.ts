import { deviceWasmWith } from "../../../src/model/device/Wasm.ts"
import { deviceLaws } from "../../../src/laws/device/DeviceLaws.ts"

deviceLaws("wasm device with the tensor library's kernels", deviceWasmWith("none"))
