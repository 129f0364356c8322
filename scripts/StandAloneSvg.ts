/** Makes a figure of the report fit to stand alone: it has no page's text colour to take, so dark on white. */
export const standAlone = (svg: string): string =>
  svg.replaceAll("currentColor", "#222222").replace(/<svg [^>]*>/, (open) => `${open}<rect width="100%" height="100%" fill="#ffffff"/>`)
