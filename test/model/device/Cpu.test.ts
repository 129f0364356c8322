import { deviceCpu } from "../../../src/model/device/Cpu.ts"
import { deviceLaws } from "./Laws.ts"

deviceLaws("cpu device", deviceCpu)
