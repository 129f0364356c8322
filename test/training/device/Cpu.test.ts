import { deviceCpu } from "../../../src/training/device/Cpu.ts"
import { deviceLaws } from "./Laws.ts"

deviceLaws("cpu device", deviceCpu)
