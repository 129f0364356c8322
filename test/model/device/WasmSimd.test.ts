import { deviceWasmWith } from "../../../src/model/device/Wasm.ts"
import { deviceLaws } from "./Laws.ts"

deviceLaws("wasm device without fused multiply-add", deviceWasmWith("simd"))
