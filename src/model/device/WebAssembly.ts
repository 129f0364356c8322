/**
 * The part of WebAssembly that is used here, typed: Node has it as a global that its type declarations leave out.
 *
 * @module
 */
/** The part of the WebAssembly interface in use. Node has it as a global that its type declarations leave out. */
interface WebAssemblyInterface {
  readonly validate: (bytes: Uint8Array) => boolean
  readonly Module: new(bytes: Uint8Array) => object
  readonly Instance: new(module: object, imports: Readonly<Record<string, object>>) => { readonly exports: unknown }
  readonly Memory: new(limits: { readonly initial: number }) => WasmMemory
}

/** A linear memory. Its buffer is replaced whenever it grows, so views of it are made anew for each use. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer
  /** Adds so many pages of 64 KiB. */
  readonly grow: (pages: number) => number
}

export const { WebAssembly: webAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface }
