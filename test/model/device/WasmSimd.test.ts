import { deviceWasmWith } from "../../../src/model/device/Wasm.ts"
import { deviceLaws } from "../../../src/laws/device/DeviceLaws.ts"

deviceLaws("wasm device without fused multiply-add", deviceWasmWith("simd"))
