/**
 * The forms that a trained model is written in; apart from what writes them, so that the command line knows them without loading that.
 *
 * @module
 */

/** An adapter's folder for peft, an adapter's file for llama.cpp, or a whole model's folder. */
export const EXPORT_FORMS = ["peft", "gguf", "merged"] as const

/** One of them. */
export type ExportForm = (typeof EXPORT_FORMS)[number]
