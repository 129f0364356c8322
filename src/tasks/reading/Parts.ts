/**
 * The parts of a response: thoughts and what is said in the end, and where the model runs on into another conversation.
 *
 * @module
 */

/** Opens thoughts; the expression begins at a character of interest. */
export const OPENS_THOUGHT =
  /<(?:think|thinking|thought|thoughts|reasoning|analysis|scratchpad|reflection|seed:think|inner_monologue)>|\[THINK\]|<\|(?:begin_of_thought|START_THINKING|think_start)\|>|◁think▷|<\|channel\|>\s*(?:analysis|commentary)\b[^<]{0,40}<\|message\|>/iy

/** Closes thoughts: what follows is said. */
export const CLOSES_THOUGHT =
  /<\/(?:think|thinking|thought|thoughts|reasoning|analysis|scratchpad|seed:think|inner_monologue)>|\[\/THINK\]|<\|(?:end_of_thought|END_THINKING|think_end)\|>|◁\/think▷|<\|channel\|>\s*final\b[^<]{0,40}<\|message\|>/iy

/** Opens what is said, after thoughts or without any. */
export const OPENS_SAID = /<\|begin_of_solution\|>/iy

/** A stretch that is the answer by its tag. */
export const OPENS_ANSWER = /<(answer|final_answer|final|solution|result)>/iy

/** The end of such a stretch. */
export const closesAnswer = (tag: string): string => `</${tag}>`

/** Another turn or another text begins: nothing after it is the answer. */
export const ENDS_TEXT =
  /<\|im_start\|>\s*(?:user|human|system)\b|<\|start_header_id\|>\s*(?:user|system)\b|<\|start\|>(?:user|system)\b|<\|(?:user|User)\|>|<｜User｜>|<start_of_turn>\s*user\b|\[INST\]|<\|(?:endoftext|end_of_text|eot_id|im_end|return|eom_id|end▁of▁sentence)\|>|<｜end▁of▁sentence｜>|<end_of_turn>|<eos>|<\/s>/iy

/** A role of the model again, after an end: the text goes on. */
export const GOES_ON = /\s*(?:<\|im_start\|>|<\|start_header_id\|>|<\|start\|>|<start_of_turn>)\s*(?:assistant|model)/iy

/** At the beginning of a line: the label of a question of the model's own making. */
export const NEXT_QUESTION =
  /(?:\*\*)?(?:(?:new\s+|next\s+)?(?:question|problem|exercise)(?:\s+\d+)?|Q\d*|human|user|instruction|input|frage|pregunta|pergunta|domanda|вопрос)\s*(?:\*\*)?[:：]|#{2,4}\s*(?:instruction|question|problem|input|human|user)\b|(?:问题|题目|用户|質問|問題)\s*[:：]/iy

/** Another of the prompt's examples, where an answer has been given already. */
export const NEXT_EXAMPLE =
  /(?:[*#]{1,4}\s*)?(?:another\s+)?(?:example|beispiel|exemple|ejemplo|exemplo|esempio|пример)\s+\d+\s*(?:\*\*)?[:：]/iuy
