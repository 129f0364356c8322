/**
 * Bytes of files put together.
 *
 * @module
 */

/** The numbers of a vector as they lie in files: float32, little end first. The bytes are the vector's own. */
export const bytesOf = ({ buffer, byteLength, byteOffset }: Float32Array): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength)

/** Puts bytes one after the other. */
export const concatBytes = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.byteLength
  }
  return all
}
