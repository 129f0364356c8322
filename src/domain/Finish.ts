/**
 * Why a response ended, in the words of servers and programs.
 *
 * @module
 */

// As they are written without signs and case: OpenAI, Anthropic, Google, Cohere, TGI, Mistral, vLLM, SGLang, llama.cpp, OpenAI's responses.
const CUT_OFF = new Set([
  "length",
  "maxtokens",
  "maxoutputtokens",
  "maxlength",
  "maxnewtokens",
  "maxcompletiontokens",
  "modellength",
  "modelcontextwindowexceeded",
  "contextlength",
  "contextlengthexceeded",
  "tokenlimit",
  "limit",
  "truncated",
  "incomplete",
  "abort",
  "aborted",
  "cancelled",
  "contentfilter",
  "timeout",
  "maxtokensreached",
  "maxcontextlength",
  "maxtotalcompletiontokens",
  "maxtotalcompletiontokensreached",
  "prompttoolong",
  "token",
  // verifiers' limits of a trace.
  "maxturns",
  "maxinputtokens",
  "maxtotaltokens",
  // inspect_ai's limits.
  "time",
  "working"
])

/**
 * Says whether a reason means that the response was cut off: a text of any spelling, or an object with a `type` or `reason`. Text that was cut
 * by a filter or by the end of a request is cut off, too.
 */
export const isCutOff = (reason: unknown): boolean => {
  if (typeof reason === "string") {
    const written = reason.slice(0, 100).toLowerCase()
    // "FinishReason.LENGTH", as Python writes an enumeration's member.
    return [written, written.slice(written.lastIndexOf(".") + 1)].some((each) => CUT_OFF.has(each.replace(/[^a-z]/g, "")))
  }
  if (typeof reason !== "object" || reason === null) return false
  const { reason: own, type } = reason as { readonly type?: unknown; readonly reason?: unknown }
  return (typeof type === "string" && isCutOff(type)) || (typeof own === "string" && isCutOff(own))
}
