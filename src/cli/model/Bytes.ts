/**
 * Sizes of files and memory for people.
 *
 * @module
 */

/** A number of bytes in kB, MB or GB, of 1000 each. */
export const bytesText = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e3).toFixed(1)} kB`
