// The kernels that the wasm device runs on the tensor library's own memory. All pointers are byte offsets into it,
// all matrices row-major float32 unless said otherwise.

export { attention, attentionGrad, attentionGradScratch, attentionScratch } from "./attention"
export { combine } from "./combine"
export { decodeAttention, decodeScratch, fillCache, growCache } from "./decode"
export { embed, embedGrad } from "./embed"
export { gelu, geluGrad, geluKeeping } from "./gelu"
export { gemm, gemmScratch, gemmSymmetric } from "./gemm"
export { rmsNorm, rmsNormGradGain, rmsNormGradX } from "./rmsNorm"
export { rotate } from "./rotate"
export { swiGlu, swiGluGrad } from "./swiGlu"
export { tokenLogProb, tokenLogProbGrad } from "./tokenLogProb"
export { vocabularyDraws, vocabularyGradients, vocabularySums } from "./vocabulary"
