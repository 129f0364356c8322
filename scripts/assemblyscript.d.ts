/**
 * The compiler's entry point, as far as the kernels' build uses it. The package's own types also declare AssemblyScript's
 * globals, and those change `at` of every array in this project to one that never answers undefined.
 */
export declare const main: (
  args: ReadonlyArray<string>,
  host: {
    readonly readFile: (name: string) => Promise<string | null>
    readonly writeFile: (name: string, contents: Uint8Array | string) => void
    readonly listFiles: () => ReadonlyArray<string>
  }
) => Promise<{ readonly error: Error | null; readonly stderr: { readonly toString: () => string } }>
