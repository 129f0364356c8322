import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { calibrate } from "../../src/eval/Calibrate.ts"
import { simulate } from "../../src/eval/Simulate.ts"
import { renderFigure } from "../../src/eval/figures/Figure.ts"
import { calibrationFigure } from "../../src/eval/figures/CalibrationFigure.ts"
const ro = ["3x1","4x1","5x1","6x1","7x1"].flatMap((level,k)=>simulate({level,pSample:.8-.12*k,pStopGivenCorrect:.9-.1*k,pResampleGivenWrong:.7,cap:4,n:400,seed:k,spread:.15}))
const svg = await Effect.runPromise(renderFigure(calibrationFigure({id:"rl",label:"GRPO <from> echo",calibration:calibrate(ro,{cap:4})},["3x1","4x1"])))
writeFileSync("/tmp/out/a.html","<body style='background:#fff;color:#222'>"+svg+"<div style='background:#15181c;color:#ddd'>"+svg)
console.log(svg.length, svg.slice(0,600))
