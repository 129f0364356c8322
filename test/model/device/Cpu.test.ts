import { deviceCpu } from "../../../src/model/device/Cpu.ts"
import { deviceLaws } from "../../../src/laws/device/DeviceLaws.ts"

deviceLaws("cpu device", deviceCpu)
