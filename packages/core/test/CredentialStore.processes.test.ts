import { afterAll, beforeAll, describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Effect, Fiber } from "effect"
import { build } from "esbuild"
import { spawn } from "node:child_process"
import { mkdtempSync, readdirSync, statSync } from "node:fs"
import { rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { alice, bob, credentialsOf } from "./storeSamples.js"
import { openFile, temporaryFolder } from "./storeSupport.js"
import { hastyClock } from "./support.js"

const folder = mkdtempSync(join(tmpdir(), "plex-auth-store-process-"))

const script = join(folder, "storeProcess.mjs")

// As one file it starts in a fraction of the time that tsx takes.
beforeAll(() =>
  build({
    entryPoints: [fileURLToPath(new URL("storeProcess.ts", import.meta.url))],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: "error"
  })
)

afterAll(() => rm(folder, { recursive: true }))

/** Runs the script to its end: how it ended, and what it complained of. */
const run = (...args: ReadonlyArray<string | number>) =>
  Effect.async<{ readonly code: number | null; readonly signal: string | null; readonly errors: string }>((resume) => {
    const child = spawn(process.execPath, [script, ...args.map(String)])
    let errors = ""
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text
    })
    child.on("close", (code, signal) => resume(Effect.succeed({ code, signal, errors })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

const idsIn = (path: string) =>
  Effect.map(
    Effect.flatMap(openFile(path), (store) => store.credentials),
    (all) => all.map(({ account }) => account.id).sort((a, b) => a - b)
  )

const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8)

describe("CredentialStore.layerFile among processes", () => {
  it.scopedLive(
    "case 43: threat 7: two, and then this one, write at once, with umask 000, and lose nothing",
    () =>
      Effect.gen(function* () {
        const folder = join(yield* temporaryFolder, "made")
        const path = join(folder, "plex.json")
        const store = yield* openFile(path)
        const others = yield* Effect.fork(Effect.all([run(path, 0, 10), run(path, 10, 10)], { concurrency: 2 }))
        // The folder is the others' to make: this process has another umask.
        while ((yield* store.credentials).length === 0) yield* Effect.sleep("5 millis")
        for (let id = 20; id < 30; id++) yield* store.save(credentialsOf(id, "someone"))
        for (const end of yield* Fiber.join(others)) deepStrictEqual(end, { code: 0, signal: null, errors: "" })
        deepStrictEqual(
          yield* idsIn(path),
          Array.from({ length: 30 }, (_, i) => i)
        )
        deepStrictEqual([mode(folder), mode(path)], ["700", "600"])
        deepStrictEqual(readdirSync(folder), ["plex.json"])
      }),
    60_000
  )

  it.scopedLive(
    "case 43: killed at a step, it leaves the old content, and the next one goes on",
    () =>
      Effect.forEach(
        ["file.stat", "file.sync", "rename"],
        Effect.fnUntraced(function* (step) {
          const folder = yield* temporaryFolder
          const path = join(folder, "plex.json")
          const store = yield* openFile(path)
          yield* store.save(alice)
          strictEqual((yield* run(path, 100, 1, step)).signal, "SIGKILL")
          deepStrictEqual(yield* idsIn(path), [7])
          strictEqual(readdirSync(folder).includes("plex.json.lock"), true)
          yield* Effect.withClock(store.save(bob), hastyClock())
          deepStrictEqual(yield* idsIn(path), [7, 8])
          deepStrictEqual(readdirSync(folder), ["plex.json"])
        }),
        { concurrency: "unbounded", discard: true }
      ),
    60_000
  )
})
