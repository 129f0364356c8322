import { deviceWasmWith } from "../../../src/training/device/Wasm.ts"
import { deviceLaws } from "./Laws.ts"

deviceLaws("wasm device without fused multiply-add", deviceWasmWith("simd"))
