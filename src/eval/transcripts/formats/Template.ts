/**
 * What the user said in a prompt that a chat template has already been applied to, so that the same problem is the same text whichever tool
 * wrote the row.
 *
 * @module
 */

// Every mark of the templates in use (ChatML, Llama 2 to 4, Mistral, Gemma, Phi, Zephyr, GLM, DeepSeek, harmony); a mark says who speaks next,
// one without a role that nobody does.
const MARKS = new RegExp(
  [
    "<\\|im_start\\|>(user|system|assistant|tool|developer)\\n?",
    "<\\|start_header_id\\|>(user|system|assistant|ipython)<\\|end_header_id\\|>",
    "<\\|header_start\\|>(user|system|assistant|ipython)<\\|header_end\\|>",
    "<start_of_turn>(user|model)\\n?",
    "<\\|start\\|>(user|system|developer|assistant)(?:<\\|channel\\|>[a-z]{1,20})?<\\|message\\|>",
    "<\\|im_(user|system|assistant)\\|>[a-z]{1,20}<\\|im_middle\\|>",
    "<\\|(user|system|assistant|observation)\\|>\\n?",
    "<｜(User|Assistant|System)｜>",
    "<<(SYS)>>",
    "\\[(INST)\\]",
    "<<(/SYS)>>",
    "\\[/INST\\]|<\\|im_end\\|>|<\\|eot_id\\|>|<\\|eot\\|>|<end_of_turn>|<\\|end\\|>|</s>|<\\|endoftext\\|>|<\\|start\\|>assistant|<｜end▁of▁sentence｜>"
  ].join("|"),
  "g"
)

// Within [INST] the system's words come first, in marks of their own.
const USERS: ReadonlySet<string> = new Set(["user", "User", "INST", "/SYS"])

const marked = (text: string): string | undefined => {
  const words: Array<string> = []
  let isUser = false
  let from = 0
  let marks = 0
  for (const match of text.matchAll(MARKS)) {
    if (isUser) words.push(text.slice(from, match.index).trim())
    const role = match.slice(1).find((each) => each !== undefined)
    isUser = role !== undefined && USERS.has(role)
    if (role !== undefined) marks++
    from = match.index + match[0].length
  }
  if (isUser) words.push(text.slice(from).trim())
  const found = words.filter((each) => each !== "")
  return marks === 0 || found.length === 0 ? undefined : found.join("\n\n")
}

const ROLE_LINES: ReadonlySet<string> = new Set(["system", "user", "assistant", "model"])

// A template whose marks the tokenizer left out when it decoded: roles alone on lines, the model's last and empty (or with an opened thought).
const unmarked = (text: string): string | undefined => {
  const words: Array<string> = []
  let role = ""
  let lines: Array<string> = []
  const close = (): void => {
    if (role === "user") words.push(lines.join("\n").trim())
    lines = []
  }
  for (const line of text.split("\n")) {
    if (ROLE_LINES.has(line)) {
      close()
      role = line
    } else lines.push(line)
  }
  const found = words.filter((each) => each !== "")
  if ((role === "assistant" || role === "model") && found.length > 0) return found.join("\n\n")
  // Llama's: two line ends after a role, and none before the next.
  const last = text.lastIndexOf("assistant\n\n")
  const first = text.startsWith("user\n\n") ? 0 : text.startsWith("system\n\n") ? text.indexOf("user\n\n", 1) : -1
  return first < 0 || last < first || text.slice(last + "assistant".length).trim() !== ""
    ? undefined
    : text.slice(first + "user\n\n".length, last).trim()
}

// The words that DeepSeek-R1-Zero was trained with, and all that follow it, put before "User: … Assistant:".
const CONVERSATION = "A conversation between User and Assistant"
const [USER, ASSISTANT] = ["User:", "Assistant:"]
const LONGEST_OPENING = 200

const spoken = (text: string): string | undefined => {
  const from = text.indexOf(USER)
  const end = text.lastIndexOf(ASSISTANT)
  return from < 0 || end < from || text.length - end > LONGEST_OPENING ? undefined : text.slice(from + USER.length, end).trim()
}

/** What the user said in a prompt, without a chat template's marks and the words of others; the prompt itself where it has none. */
export const userText = (prompt: string): string => {
  const first = prompt.charCodeAt(0)
  // "<", "[", "s", "u", "A": how templated prompts begin.
  if (first === 60 || first === 91) return marked(prompt) ?? prompt
  if (first === 115 || first === 117) {
    return prompt.startsWith("system\n") || prompt.startsWith("user\n") ? unmarked(prompt) ?? prompt : prompt
  }
  return first === 65 && prompt.startsWith(CONVERSATION) ? spoken(prompt) ?? prompt : prompt
}
