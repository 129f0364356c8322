/**
 * A command's text without the line breaks that its width put between words: where they fall depends on the length of the paths in it, and
 * so on the folder that the tests run in.
 *
 * @module
 */
export const unwrapped = (text: string): string => text.replaceAll(/\n {2}(?=\S)/g, " ")
