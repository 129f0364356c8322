import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { findBlas, type FindOptions, type ForeignInterface } from "../../../src/model/device/Blas.ts"
import { BLAS_VARIABLE, blasPlaces } from "../../../src/model/device/BlasPlaces.ts"
import { downloadedOpenBlas, type Machine } from "../../../src/model/device/NativeFolder.ts"

const machine = (more: Partial<Machine> = {}): Machine => ({ platform: "linux", arch: "x64", env: {}, home: "/home/ada", ...more })

/** What a library's functions give; a function is there if it is named. */
type Functions = Readonly<Record<string, unknown>>

/** A foreign function interface to libraries that are not there, which keeps what was loaded and called. */
const interfaceTo = (libraries: Readonly<Record<string, Functions>>) => {
  const loaded: Array<string> = []
  const called: Array<string> = []
  const foreign: ForeignInterface = {
    address: () => 0n,
    load: (path) => {
      loaded.push(path)
      const functions = libraries[path]
      if (functions === undefined) throw new Error("no such file")
      return {
        func: (name) => {
          if (!(name in functions)) throw new Error("no such symbol")
          return (...args) => {
            called.push(`${name}(${args.join()})`)
            return functions[name]
          }
        }
      }
    }
  }
  return { foreign, loaded, called }
}

const openBlas = (version: string, threads = 1): Functions => ({
  cblas_sgemm: undefined,
  openblas_set_num_threads: undefined,
  openblas_get_num_threads: threads,
  openblas_get_config: `OpenBLAS ${version} DYNAMIC_ARCH NO_AFFINITY Zen MAX_THREADS=64`,
  openblas_get_corename: "Zen"
})

const find = (libraries: Readonly<Record<string, Functions>>, env: Machine["env"] = {}, more: Partial<FindOptions> = {}) => {
  const { called, foreign, loaded } = interfaceTo(libraries)
  return findBlas({ machine: machine({ env }), loadInterface: async () => foreign, ...more }).then((found) => ({
    ...found,
    called,
    loaded
  }))
}

describe("downloadedOpenBlas", () => {
  it("is the library's own name in the folder of native libraries, on each system", () => {
    expect(downloadedOpenBlas(machine())).toBe("/home/ada/.cache/decision-sampling/openblas/libscipy_openblas.so")
    const windows = machine({ platform: "win32", home: "C:\\Users\\ada" })
    expect(downloadedOpenBlas(windows)).toBe("C:\\Users\\ada\\AppData\\Local\\decision-sampling\\openblas\\libscipy_openblas.dll")
  })
})

describe("blasPlaces", () => {
  const order = (places: ReadonlyArray<string>, ...parts: ReadonlyArray<string>) =>
    parts.map((part) => places.findIndex((place) => place.includes(part)))

  it("has the downloaded one first, then Accelerate, OpenBLAS by name before paths, then others", () => {
    const linux = blasPlaces(machine({ env: { CONDA_PREFIX: "/conda" } }))
    const found = order(
      linux,
      "/.cache/",
      "libopenblas.so.0",
      "/conda/lib/",
      "x86_64-linux-gnu/openblas-pthread",
      "/usr/lib64/",
      "libblis",
      "libmkl"
    )
    expect(found).toEqual(found.toSorted((a, b) => a - b))
    expect(found[0]).toBe(0)
    expect(linux[1]).toBe("libopenblas.so.0")
    const mac = blasPlaces(machine({ platform: "darwin" }))
    expect(order(mac, "Caches", "Accelerate.framework", "/opt/homebrew/")).toEqual([0, 1, expect.any(Number)])
    expect(blasPlaces(machine({ arch: "arm64" })).some((place) => place.includes("aarch64-linux-gnu"))).toBe(true)
  })

  it("never has the reference BLAS, which is slower than the own kernels", () => {
    for (const platform of ["linux", "darwin", "win32"] as const) {
      expect(blasPlaces(machine({ platform })).filter((place) => /lib(c?blas|atlas)\b/.test(place))).toEqual([])
    }
  })
})

describe("findBlas", () => {
  it("says nothing but that there is none, where there is no foreign function interface or no library", async () => {
    const without = await find({}, {}, { loadInterface: async () => undefined })
    expect(without).toMatchObject({ refusals: [], missing: expect.stringContaining("npm install koffi@") })
    const none = await find({})
    expect(none).toMatchObject({ refusals: [], missing: expect.stringContaining("no BLAS was found") })
    expect([without.blas, none.blas]).toEqual([undefined, undefined])
  })

  it("takes the first that there is, sets it to one thread, and says what it is", async () => {
    const { blas, called } = await find({ "libopenblas.so.0": openBlas("0.3.34"), "libblis.so.4": openBlas("9") })
    expect(blas).toMatchObject({ name: "OpenBLAS 0.3.34 for Zen", threads: 1 })
    expect(called).toContain("openblas_set_num_threads(1)")
  })

  it("knows renamed functions, builds with 64-bit integers, and BLIS", async () => {
    const renamed = Object.fromEntries(Object.entries(openBlas("0.3.34  USE64BITINT")).map(([name, value]) => [`scipy_${name}64_`, value]))
    expect((await find({ "libopenblas.so.0": renamed })).blas?.name).toBe("OpenBLAS 0.3.34 with 64-bit integers for Zen")
    const blis = {
      cblas_sgemm: undefined,
      bli_thread_set_num_threads: undefined,
      bli_thread_get_num_threads: 1,
      bli_info_get_version_str: "0.9.0",
      bli_arch_query_id: 3,
      bli_arch_string: "zen3"
    }
    const { blas, called } = await find({ "libblis.so.4": blis })
    expect(blas?.name).toBe("BLIS 0.9.0 for zen3")
    expect(called).toContain("bli_thread_set_num_threads(1)")
  })

  it("passes over what is no known BLAS or stays with several threads, and says so", async () => {
    const { blas, refusals } = await find({
      "libopenblas.so.0": openBlas("0.3.20", 8),
      "libopenblasp.so.0": { cblas_sgemm: undefined },
      "libopenblas.so": {},
      "/usr/lib64/libopenblas.so.0": openBlas("0.3.34")
    })
    expect(blas?.path).toBe("/usr/lib64/libopenblas.so.0")
    expect(refusals).toEqual([
      "libopenblas.so.0 (it does not let itself be set to one thread (8))",
      "libopenblasp.so.0 (it is neither OpenBLAS, BLIS, MKL nor Accelerate)",
      "libopenblas.so (it has no function cblas_sgemm)"
    ])
  })

  it("passes over one that computes wrongly, with the reason", async () => {
    const { blas, refusals } = await find(
      { "libopenblas.so.0": openBlas("0.3.20"), "libblis.so.4": openBlas("0.3.34") },
      {},
      { flaw: ({ name }) => (name.includes("0.3.20") ? "it computes 2 × 2 wrongly" : undefined) }
    )
    expect(blas?.name).toBe("OpenBLAS 0.3.34 for Zen")
    expect(refusals).toEqual([expect.stringMatching(/^OpenBLAS 0\.3\.20 for Zen, .*\(it computes 2 × 2 wrongly\)$/)])
  })

  it("names a file that is there and does not load, and loads none that is cut off", async () => {
    const home = mkdtempSync(join(tmpdir(), "blas-"))
    const downloaded = downloadedOpenBlas(machine({ home }))
    mkdirSync(join(downloaded, ".."), { recursive: true })
    try {
      writeFileSync(downloaded, "no library")
      const { foreign, loaded } = interfaceTo({ [downloaded]: openBlas("0.3.34") })
      const found = (libraries: ForeignInterface) => findBlas({ machine: machine({ home }), loadInterface: async () => libraries })
      expect((await found(interfaceTo({}).foreign)).refusals).toEqual([`${downloaded} (it cannot be loaded: no such file)`])
      // The header of a library for Linux on 64 bits, whose table of 2 entries of 64 bytes begins at byte 128.
      const library = new Uint8Array(256)
      library.set([0x7f, 0x45, 0x4c, 0x46, 2, 1])
      library[0x28] = 128
      library[0x3a] = 64
      library[0x3c] = 2
      writeFileSync(downloaded, library.subarray(0, 255))
      expect((await found(foreign)).refusals).toEqual([expect.stringContaining("its file is cut off")])
      expect(loaded).not.toContain(downloaded)
      writeFileSync(downloaded, library)
      expect((await found(foreign)).blas?.path).toBe(downloaded)
    } finally {
      rmSync(home, { recursive: true })
    }
  })

  it("leaves out an OpenBLAS for one thread that is not the system's, which may lack locks; named, it is taken", async () => {
    const serial = { ...openBlas("0.3.26"), openblas_get_parallel: 0 }
    const own = "/usr/local/lib/libopenblas.so.0"
    const { blas, refusals } = await find({ [own]: serial, "libblis.so.4": openBlas("9") })
    expect([blas?.path, refusals]).toEqual([
      expect.stringContaining("libblis.so.4"),
      [expect.stringMatching(/^\/usr\/local\/lib\/libopenblas\.so\.0 \(it is built for one thread, .*USE_LOCKING=1/)]
    ])
    expect((await find({ "/usr/lib64/libopenblas.so.0": serial })).blas?.path).toBe("/usr/lib64/libopenblas.so.0")
    expect((await find({ [own]: serial }, { [BLAS_VARIABLE]: own })).blas?.path).toBe(own)
    expect((await find({ [own]: { ...serial, openblas_get_parallel: 1 } })).blas?.path).toBe(own)
  })

  describe(`with ${BLAS_VARIABLE}`, () => {
    const named = { [BLAS_VARIABLE]: "/own/libfast.so" }

    it("takes that one and no other, whatever it is", async () => {
      const { blas, loaded } = await find({ "/own/libfast.so": { cblas_sgemm: undefined }, "libopenblas.so.0": openBlas("0.3.34") }, named)
      expect(blas).toMatchObject({ path: "/own/libfast.so", threads: undefined })
      expect(loaded).toEqual(["/own/libfast.so"])
    })

    it("none: looks for none", async () => {
      const { blas, loaded, missing } = await find({ "libopenblas.so.0": openBlas("0.3.34") }, { [BLAS_VARIABLE]: "none" })
      expect([blas, loaded]).toEqual([undefined, []])
      expect(missing).toContain(`${BLAS_VARIABLE} is none`)
    })

    it("fails aloud where it cannot be loaded, has no sgemm, computes wrongly, or cannot be called", async () => {
      const other = { "libopenblas.so.0": openBlas("0.3.34") }
      await expect(find(other, named)).rejects.toThrow(/names \/own\/libfast\.so, which cannot be used: it cannot be loaded: no such file/)
      await expect(find({ ...other, "/own/libfast.so": {} }, named)).rejects.toThrow(/it has no function cblas_sgemm/)
      const wrong = { flaw: () => "it computes 2 × 2 wrongly" }
      await expect(find({ "/own/libfast.so": openBlas("1") }, named, wrong)).rejects.toThrow(/it computes 2 × 2 wrongly/)
      await expect(find(other, named, { loadInterface: async () => undefined })).rejects.toThrow(/optional package koffi is not installed/)
    })

    it("left empty, is as if it were not there", async () => {
      expect((await find({ "libopenblas.so.0": openBlas("0.3.34") }, { [BLAS_VARIABLE]: "" })).blas?.name).toContain("OpenBLAS")
    })
  })
})
