/** Fetching models, from a hub that this test plays. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect, Exit, Layer, Result } from "effect"
import { execFile } from "node:child_process"
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { hubOf } from "../../../src/cli/model/Hub.ts"
import { HubError } from "../../../src/cli/model/HubError.ts"
import { pull, type PullOptions, wantedFiles } from "../../../src/cli/model/Pull.ts"
import { layerSilent } from "../../../src/cli/Progress.ts"
import { hubCache, hubHome, repositoryName } from "../../../src/model/pretrained/HubCache.ts"
import { openModel } from "../../../src/model/pretrained/PretrainedModel.ts"
import { resolveModel } from "../../../src/model/pretrained/ResolveModel.ts"
import { type LocalHub, startHub } from "../../support/LocalHub.ts"
import { PRETRAINED } from "../../support/PretrainedFiles.ts"

const program = fileURLToPath(new URL("../../../bin/decision-sampling.mjs", import.meta.url))

let folder = ""
let cache = ""
let hub: LocalHub
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "pull-"))
  cache = join(folder, "hub")
  hub = await startHub("tiny/llama", join(PRETRAINED, "llama"))
})
afterEach(async () => {
  await hub.close()
  rmSync(folder, { recursive: true, force: true })
})

const silent = Object.assign(Object.create(globalThis.console) as Console.Console, { error: () => undefined })
const live = Layer.mergeAll(layerSilent, NodeServices.layer, Layer.succeed(Console.Console, silent))
const effectOf = (options: Partial<PullOptions> = {}) =>
  pull({ repository: "tiny/llama", hub: { endpoint: hub.endpoint, isOffline: false }, cache, pause: 5, ...options }).pipe(
    Effect.provide(live)
  )
const pulled = (options: Partial<PullOptions> = {}) => Effect.runPromise(effectOf(options))
const refusal = async (options: Partial<PullOptions> = {}): Promise<HubError> => {
  const result = await Effect.runPromise(Effect.result(effectOf(options)))
  if (Result.isSuccess(result)) throw new Error("it was fetched")
  const { failure } = result
  if (!(failure instanceof HubError)) throw failure
  return failure
}
const blobs = () => readdirSync(join(cache, "models--tiny--llama", "blobs"))
const partials = () => blobs().filter((name) => name.endsWith(".incomplete"))

const LARGE = "model-00001-of-00003.safetensors"

describe.skipIf(process.platform === "win32")("model pull", () => {
  it("fetches what is read of a model into the layout that huggingface_hub has, and it opens by its name", async () => {
    const { commit, files, path } = await pulled()
    const repository = join(cache, "models--tiny--llama")
    expect(path).toBe(join(repository, "snapshots", hub.commit))
    expect(commit).toBe(hub.commit)
    expect(files.map((file) => file.path).sort()).toEqual([
      "chat_template.jinja",
      "config.json",
      "generation_config.json",
      LARGE,
      "model-00002-of-00003.safetensors",
      "model-00003-of-00003.safetensors",
      "model.safetensors.index.json",
      "tokenizer.json",
      "tokenizer_config.json"
    ])
    for (const { digest, path: name } of files) {
      expect(readFileSync(join(path, name))).toEqual(readFileSync(join(PRETRAINED, "llama", name)))
      expect(lstatSync(join(path, name)).isSymbolicLink()).toBe(true)
      expect(blobs()).toContain(digest.hex)
    }
    expect(readFileSync(join(repository, "refs", "main"), "utf8")).toBe(hub.commit)
    expect(partials()).toEqual([])
    const model = await Effect.runPromise(resolveModel("tiny/llama", cache).pipe(Effect.flatMap(openModel)))
    expect(model.config.width).toBe(32)
  })

  it("a second time fetches nothing", async () => {
    const { fetchedBytes } = await pulled()
    expect(fetchedBytes).toBeGreaterThan(100_000)
    hub.asked.length = 0
    expect((await pulled()).fetchedBytes).toBe(0)
    expect(hub.asked.map(({ path }) => path)).toEqual(["/api/models/tiny/llama/revision/main?blobs=true"])
  })

  it("one file, and one of a branch with a stroke or of a commit", async () => {
    const { files, path } = await pulled({ file: "model.gguf", revision: "v1/a" })
    expect(files).toHaveLength(1)
    expect(path.endsWith("/model.gguf")).toBe(true)
    expect(await Effect.runPromise(resolveModel("tiny/llama@v1/a", cache))).toBe(path)
    expect((await pulled({ repository: "tiny/llama/model.gguf", revision: hub.commit })).path).toBe(path)
    expect(existsSync(join(cache, "models--tiny--llama", "refs", hub.commit))).toBe(false)
    // What was asked for first is still all that is there.
    expect(await Effect.runPromise(resolveModel(`tiny/llama/model.gguf@${hub.commit}`, cache))).toBe(path)
  })

  it("goes on where the hub broke off, within a run and in the next", async () => {
    Object.assign(hub.mischief, { cutAfter: 30_000, cuts: 2 })
    await pulled()
    const ranges = hub.asked.filter(({ host }) => host === "store").map(({ range }) => range)
    expect(ranges).toEqual([undefined, "bytes=30000-", undefined, "bytes=30000-", undefined])

    rmSync(cache, { recursive: true })
    Object.assign(hub.mischief, { cutAfter: 1000, cuts: 1e9 })
    const error = await refusal({ file: LARGE })
    expect(error).toMatchObject({ reason: "Unreachable" })
    expect(partials()).toHaveLength(1)
    Object.assign(hub.mischief, { cuts: 0 })
    hub.asked.length = 0
    const { fetchedBytes } = await pulled({ file: LARGE })
    expect(hub.asked.at(-1)!.range).toBe("bytes=5000-")
    expect(fetchedBytes).toBe(lstatSync(join(PRETRAINED, "llama", LARGE)).size - 5000)
  })

  it("begins anew where the hub does, or where more was kept than there is", async () => {
    const { files } = await pulled({ file: LARGE })
    const [{ digest, size }] = files as [typeof files[number]]
    const repository = join(cache, "models--tiny--llama")
    for (const kept of [new Uint8Array(5000), new Uint8Array(size + 1)]) {
      rmSync(repository, { recursive: true })
      mkdirSync(join(repository, "blobs"), { recursive: true })
      writeFileSync(join(repository, "blobs", `${digest.hex}.incomplete`), kept)
      hub.mischief.ignoresRanges = true
      expect((await pulled({ file: LARGE })).fetchedBytes).toBe(size)
    }
  })

  it("a file that is not the one that the hub names is removed and never used, whether large or small, or gone on with", async () => {
    hub.mischief.damage = (bytes) => Buffer.from(bytes.map((byte, i) => (i === 7 ? byte ^ 1 : byte)))
    for (const file of [LARGE, "config.json"]) {
      const error = await refusal({ file })
      expect(error).toMatchObject({ reason: "Digest" })
      expect(error.message).toMatch(/expected [0-9a-f]{40,64}/)
      expect(blobs()).toEqual([])
      expect(existsSync(join(cache, "models--tiny--llama", "snapshots", hub.commit, file))).toBe(false)
    }
    hub.mischief.damage = (bytes) => Buffer.concat([bytes, Buffer.from("more")])
    expect((await refusal({ file: LARGE })).message).toContain("has more than")
  })

  it("a token is for the hub alone, not for where it leads", async () => {
    await pulled({ hub: { endpoint: hub.endpoint, isOffline: false, token: "secret" }, file: LARGE })
    expect(hub.asked.map(({ authorization, host }) => [host, authorization])).toEqual([
      ["hub", "Bearer secret"],
      ["hub", "Bearer secret"],
      ["store", undefined]
    ])
  })

  it("a hub that cannot be reached, or must not be asked, says how to go on with files", async () => {
    const gone = await refusal({ hub: { endpoint: "http://127.0.0.1:9", isOffline: false } })
    expect(gone.reason).toBe("Unreachable")
    expect(gone.message).toMatch(/127\.0\.0\.1:9 cannot be reached .*HF_ENDPOINT.*name their folder, or the \.gguf file/)
    const offline = await refusal({ hub: { endpoint: hub.endpoint, isOffline: true } })
    expect(offline.message).toContain("HF_HUB_OFFLINE")
    expect(hub.asked).toEqual([])
  })

  it.each([
    [401, { "x-error-message": "Invalid username or password" }, "NotFound", "set HF_TOKEN"],
    [404, {}, "NotFound", "the hub has no the repository"],
    [403, { "x-error-code": "GatedRepo" }, "Denied", "Accept its terms"],
    [500, {}, "Response", "status 500"],
    [200, {}, "Response", "no list of files"]
  ])("status %i %o is %s", async (status, headers, reason, part) => {
    hub.mischief.answer = { status, headers, body: "<html>" }
    const error = await refusal()
    expect(error.reason).toBe(reason)
    expect(error.message).toContain(part)
  })

  it.each([
    [
      "leads out of its folder",
      (siblings: ReadonlyArray<object>) => [{ ...siblings[0], rfilename: "../../.bashrc" }],
      "leads out of its folder"
    ],
    [
      "has an absolute path",
      (siblings: ReadonlyArray<object>) => [{ ...siblings[0], rfilename: "/etc/passwd" }],
      "leads out of its folder"
    ],
    ["has no digest", (siblings: ReadonlyArray<object>) => [{ ...siblings[0], blobId: "../../x" }], "neither size nor digest"]
  ])("a list with a file that %s is refused", async (_, change, part) => {
    hub.mischief.list = ({ sha, siblings }) => ({ sha, siblings: change(siblings) })
    expect((await refusal()).message).toContain(part)
  })

  it("a commit that leads elsewhere is refused", async () => {
    hub.mischief.list = ({ siblings }) => ({ sha: "../../..", siblings })
    expect((await refusal()).message).toContain("the hub names the commit")
  })

  it("a list without end is not read to it", async () => {
    hub.mischief.list = ({ sha, siblings }) => ({ sha, siblings, padding: " ".repeat(68 << 20) })
    expect((await refusal()).message).toContain("more than 67108864 bytes")
  })

  it("a repository without a model that is read says what it has", async () => {
    hub.mischief.list = ({ sha, siblings }) => ({
      sha,
      siblings: (siblings as ReadonlyArray<{ readonly rfilename: string }>).flatMap((each) =>
        each.rfilename === "model.gguf"
          ? [each, { ...each, rfilename: "other.gguf" }]
          : each.rfilename.includes("safetensors")
          ? []
          : [each]
      )
    })
    expect((await refusal()).message).toContain("Name one: --file model.gguf")
    expect((await refusal({ file: "third.gguf" })).message).toContain("it has model.gguf, other.gguf")
    expect((await refusal({ repository: "no repository" })).reason).toBe("Name")
  })

  it("takes a whole file before its parts, and nothing of other forms", () => {
    const file = (path: string) => ({ path, size: 1, digest: { algorithm: "sha256", hex: "0" } }) as const
    const paths = [
      "a.gguf",
      "config.json",
      "model-00001-of-00002.safetensors",
      "model.safetensors",
      "onnx/model.onnx",
      "pytorch_model.bin",
      "sub/model.safetensors"
    ]
    const wanted = wantedFiles({ name: "a/b", commit: "0", files: paths.map(file) }, undefined)
    expect(wanted.map(({ path }) => path)).toEqual(["config.json", "model.safetensors"])
  })

  it("is stopped when it is interrupted, and the next run goes on", async () => {
    Object.assign(hub.mischief, { cutAfter: 1000, cuts: 1e9 })
    const exit = await Effect.runPromise(Effect.exit(Effect.timeout(effectOf({ file: LARGE }), 700)))
    expect(Exit.isFailure(exit)).toBe(true)
    Object.assign(hub.mischief, { cuts: 0 })
    await pulled({ file: LARGE })
  })

  it("by the program: progress on standard error, the path on standard output; info knows it by name, in words and as JSON", async () => {
    const env = { ...process.env, HF_HOME: folder, HF_ENDPOINT: hub.endpoint, HF_TOKEN: "", HF_HUB_CACHE: "" }
    const run = async (...args: ReadonlyArray<string>) => {
      const ended = await promisify(execFile)(process.execPath, [program, "model", ...args], { env, encoding: "utf8" }).then(
        (ended) => ({ ...ended, code: 0 }),
        (failure: { readonly stdout: string; readonly stderr: string; readonly code: number }) => failure
      )
      return { out: ended.stdout, error: ended.stderr, code: ended.code }
    }
    const before = await run("info", "tiny/llama")
    expect(before.code).toBe(1)
    expect(before.error).toContain("decision-sampling model pull tiny/llama")
    const fetched = await run("pull", "tiny/llama")
    expect(fetched.out.trim()).toBe(join(folder, "hub", "models--tiny--llama", "snapshots", hub.commit))
    expect(fetched.error).toContain("licence apache-2.0: 9 files, 149.2 kB to fetch")
    expect(fetched.error).toMatch(/config\.json .*git SHA-1 [0-9a-f]{40}/)
    const told = await run("info", "tiny/llama")
    expect(told.out).toMatch(/^family +Llama, safetensors$/m)
    expect(told.out).toMatch(/^parameters +33,952, of them 18,432 in embeddings$/m)
    expect(told.out).toMatch(/^ends +2 <\|im_end\|>, 0 <\|endoftext\|>$/m)
    expect(told.out).toMatch(/^chat template +yes$/m)
    const report = JSON.parse((await run("info", "tiny/llama", "--json")).out) as object
    expect(report).toMatchObject({
      family: "Llama",
      parameters: 33_952,
      float32Bytes: 135_808,
      chatTemplate: "yes",
      tokenizer: { tokens: 288, special: 3 }
    })
    const wrong = await run("info", join(PRETRAINED, "words"))
    expect(wrong).toMatchObject({ code: 1, out: "" })
    expect(wrong.error).toContain("config.json: there is no such file")
  })
})

describe("names and places", () => {
  it.each([
    ["owner/name", { repository: "owner/name" }],
    ["owner/name@v1.0", { repository: "owner/name", revision: "v1.0" }],
    ["owner/name/a.gguf", { repository: "owner/name", file: "a.gguf" }],
    ["owner/na.me_1/sub/a.gguf@refs/pr/1", { repository: "owner/na.me_1", file: "sub/a.gguf", revision: "refs/pr/1" }]
  ])("%s is a repository", (text, expected) => {
    expect(repositoryName(text)).toEqual(expected)
  })

  it.each([
    "name",
    "",
    "../name",
    "owner/..",
    "owner/name/../x",
    "/owner/name",
    "a--b/name",
    "owner\\name",
    "owner/name@../x",
    "own er/name"
  ])(
    "%o is none",
    (text) => {
      expect(repositoryName(text)).toBeUndefined()
    }
  )

  it("the environment says where they are and whom to ask, as it does to Hugging Face's programs", () => {
    const machine = (env: Readonly<Record<string, string>>) => ({ platform: "linux", arch: "x64", home: "/home/me", env }) as const
    expect(hubCache(machine({}))).toBe("/home/me/.cache/huggingface/hub")
    expect(hubCache(machine({ XDG_CACHE_HOME: "/x" }))).toBe("/x/huggingface/hub")
    expect(hubCache(machine({ HF_HOME: "~/hf" }))).toBe("/home/me/hf/hub")
    expect(hubCache(machine({ HF_HOME: "/hf", HF_HUB_CACHE: "/cache" }))).toBe("/cache")
    expect(hubHome(machine({ HF_HOME: "" }))).toBe("/home/me/.cache/huggingface")
    expect(hubOf({ HF_HOME: "/nowhere" })).toEqual({ endpoint: "https://huggingface.co", isOffline: false })
    expect(hubOf({ HF_ENDPOINT: "http://mirror/", HF_TOKEN: " t ", HF_HUB_OFFLINE: "1" })).toEqual({
      endpoint: "http://mirror",
      token: "t",
      isOffline: true
    })
    const home = mkdtempSync(join(tmpdir(), "home-"))
    writeFileSync(join(home, "token"), "kept\n")
    expect(hubOf({ HF_HOME: home }).token).toBe("kept")
    rmSync(home, { recursive: true })
  })
})
