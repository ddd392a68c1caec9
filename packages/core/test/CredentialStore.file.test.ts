import { FileSystem } from "@effect/platform"
import type { SystemError } from "@effect/platform/Error"
import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import type { CredentialStore } from "@plex-auth/core"
import { Deferred, Effect, Fiber, HashMap, List, Logger, Option } from "effect"
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { alice, bob, canary, clientIdentifier, credentialsOf, linkPin, token } from "./storeSamples.js"
import { fileSystemAround, openFile, openFileOn, platform, systemError, temporaryFolder } from "./storeSupport.js"
import type { Around } from "./storeSupport.js"
import { assertNotPrinted, hastyClock } from "./support.js"

const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8)

/** Everything that can be asked of a store. */
const operations = (store: CredentialStore.Service): ReadonlyArray<Effect.Effect<unknown, CredentialStore.Error>> => [
  store.clientIdentifier,
  store.pending,
  store.savePending(linkPin),
  store.forgetPending(linkPin),
  store.unverified,
  store.saveToken({ token: token("new"), clientIdentifier }),
  store.forgetToken(token("new")),
  store.credentials,
  store.save(bob),
  store.remove(alice.account.id),
  Effect.catchTag(store.deviceKey, "CryptoUnavailable", Effect.die),
  store.forgetDeviceKey,
  store.takeTurn("me", "1 minute"),
  store.endTurn("me")
]

const nodeFileSystem = Effect.provide(FileSystem.FileSystem, platform)

const around = (f: Around) => Effect.map(nodeFileSystem, (fs) => fileSystemAround(fs, f))

const idsIn = (store: CredentialStore.Service) =>
  Effect.map(store.credentials, (all) => all.map(({ account }) => account.id).sort((a, b) => a - b))

describe("CredentialStore.layerFile", () => {
  it.scopedLive("threat 7: leaves the mode of a folder that was there", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "home")
      mkdirSync(folder, { mode: 0o755 })
      yield* (yield* openFile(join(folder, "plex.json"))).save(alice)
      strictEqual(mode(folder), "755")
    })
  )

  it.scopedLive("threat 7: warns once of a file that others may read, and makes it 0600 with the next write", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "plex.json")
      yield* (yield* openFile(path)).save(alice)
      yield* Effect.flatMap(nodeFileSystem, (fs) => fs.chmod(path, 0o644))
      const logged: Array<unknown> = []
      const logger = Logger.make(({ annotations, logLevel, message, spans }) => {
        logged.push([logLevel._tag, message, HashMap.toEntries(annotations), List.toArray(spans)])
      })
      yield* Effect.gen(function* () {
        const store = yield* openFile(path)
        yield* store.credentials
        yield* store.pending
        strictEqual(mode(path), "644")
        yield* store.save(bob)
      }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
      strictEqual(mode(path), "600")
      strictEqual(logged.length, 1)
      assertTrue(JSON.stringify(logged).includes("mode 0644"))
      assertNotPrinted(logged, canary)
    })
  )

  it.scopedLive("writes nothing when nothing changes", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "plex.json")
      const store = yield* openFile(path)
      yield* store.forgetPending(linkPin)
      yield* store.remove(1)
      assertTrue(!existsSync(path))
      yield* store.save(alice)
      const before = statSync(path).ino
      yield* store.save(alice)
      yield* store.forgetPending(linkPin)
      yield* store.forgetToken(bob.token)
      strictEqual(statSync(path).ino, before)
    })
  )

  describe("case 43: a kill at any step leaves the old content or the new, and the next run works", () => {
    const killedAt = (n: number, isFirst: boolean) =>
      Effect.gen(function* () {
        const path = join(yield* temporaryFolder, "made", "plex.json")
        if (!isFirst) yield* (yield* openFile(path)).save(alice)
        const stopped = yield* Deferred.make<undefined>()
        let calls = 0
        const fs = yield* around((_, call) =>
          Effect.suspend(() => {
            calls += 1
            return calls < n ? call : Effect.zipRight(Deferred.succeed(stopped, undefined), Effect.never)
          })
        )
        const store = yield* openFileOn(path, fs)
        // Nothing can end it any more, as little as a process that is gone can go on.
        const fiber = yield* Effect.forkDaemon(store.save(bob))
        yield* Effect.race(Deferred.await(stopped), Fiber.await(fiber))
        const isDone = Option.isSome(yield* Fiber.poll(fiber))
        const old = isFirst ? [] : [7]
        const next = yield* openFile(path)
        const found = yield* idsIn(next)
        assertTrue([String(old), String([...old, 8])].includes(String(found)), `${n}: ${String(found)}`)
        // A lock that was left is waited for.
        yield* next.save(credentialsOf(9, "carol")).pipe(Effect.withClock(hastyClock()))
        deepStrictEqual(yield* idsIn(next), [...found, 9])
        deepStrictEqual(readdirSync(join(path, "..")), ["plex.json"])
        return isDone
      })

    it.scopedLive.each([{ isFirst: true }, { isFirst: false }])("first write: $isFirst", ({ isFirst }) =>
      Effect.gen(function* () {
        let n = 1
        while (!(yield* killedAt(n, isFirst))) n += 1
        // Reading twice, the folder, the lock, the temporary file, its renaming, the flushes, the lock's end.
        assertTrue(n > 14, `only ${n - 1} steps`)
      })
    )
  })

  describe("case 43: threat 7: a symbolic link is not followed", () => {
    it.scopedLive.each([{ isDangling: true }, { isDangling: false }])("dangling: $isDangling", ({ isDangling }) =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const path = join(folder, "plex.json")
        const target = join(folder, "target")
        if (!isDangling) yield* (yield* openFile(target)).save(alice)
        const before = isDangling ? "" : readFileSync(target, "utf8")
        symlinkSync(target, path)
        for (const operation of operations(yield* openFile(path))) {
          const error = yield* Effect.flip(operation)
          strictEqual(error._tag, "StoreUnavailable")
          assertTrue(error.message.includes(path) && error.message.includes("symbolic link"))
        }
        strictEqual(readlinkSync(path), target)
        strictEqual(existsSync(target) ? readFileSync(target, "utf8") : "", before)
        strictEqual(existsSync(target), !isDangling)
      })
    )

    it.scopedLive("in the lock's place neither, and a folder that is a link is its owner's choice", () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        mkdirSync(join(folder, "real"))
        symlinkSync(join(folder, "real"), join(folder, "linked"))
        const path = join(folder, "linked", "plex.json")
        yield* (yield* openFile(path)).save(alice)
        assertTrue(lstatSync(join(folder, "linked")).isSymbolicLink())
        strictEqual(mode(join(folder, "real", "plex.json")), "600")
      })
    )
  })

  it.scopedLive("a folder in the file's place, and a file in the folder's", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      for (const operation of operations(yield* openFile(folder))) {
        const error = yield* Effect.flip(operation)
        strictEqual(error.message.includes("not a regular file"), true)
      }
      writeFileSync(join(folder, "file"), "")
      const error = yield* Effect.flip((yield* openFile(join(folder, "file", "plex.json"))).save(alice))
      strictEqual(error._tag, "StoreUnavailable")
      assertTrue(error.message.includes("not a folder"))
    })
  )

  // We may run as root, whom permission bits do not stop: the system's answers are given by hand.
  describe.each([
    { name: "permission denied", reason: "PermissionDenied" as const, cause: undefined, words: "permission denied" },
    { name: "disk full", reason: "Unknown" as const, cause: { code: "ENOSPC" }, words: "no space is left on the disk" },
    {
      name: "read-only disk",
      reason: "Unknown" as const,
      cause: { code: "EROFS" },
      words: "the disk can only be read"
    },
    { name: "unknown", reason: "Unknown" as const, cause: new Error(canary), words: "the system gave no reason" }
  ])("threat 7: the system refuses: $name", ({ cause, reason, words }) => {
    const steps = ["makeDirectory", "open", "file.stat", "file.writeAll", "file.sync", "rename"]

    it.scopedLive.each(steps.map((step) => ({ step })))("a write at $step", ({ step }) =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const path = join(folder, "plex.json")
        yield* (yield* openFile(path)).save(alice)
        const before = readFileSync(path)
        const fs = yield* around((name, call) => (name === step ? Effect.fail(systemError(name, reason, cause)) : call))
        const store = yield* openFileOn(path, fs)
        const error = yield* Effect.flip(store.save(bob))
        strictEqual(error._tag === "StoreUnavailable" && error.operation, "write")
        assertTrue(error.message.includes(path) && error.message.includes(words), error.message)
        assertNotPrinted(error, canary)
        deepStrictEqual(readFileSync(path), before)
        deepStrictEqual(readdirSync(folder), ["plex.json"])
        // What can be read still can.
        deepStrictEqual(yield* idsIn(store), [7])
      })
    )

    it.scopedLive.each([{ step: "stat" }, { step: "readFile" }])("a read at $step", ({ step }) =>
      Effect.gen(function* () {
        const path = join(yield* temporaryFolder, "plex.json")
        yield* (yield* openFile(path)).save(alice)
        const before = readFileSync(path)
        const fs = yield* around((name, call) => (name === step ? Effect.fail(systemError(name, reason, cause)) : call))
        for (const operation of operations(yield* openFileOn(path, fs))) {
          const error = yield* Effect.flip(operation)
          strictEqual(error._tag, "StoreUnavailable")
          assertTrue(error.message.includes(path) && error.message.includes(words), error.message)
          assertNotPrinted(error, canary)
        }
        deepStrictEqual(readFileSync(path), before)
      })
    )
  })

  describe("threat 7: what is damaged is said to be, and left as it is", () => {
    const entry = { token: canary, clientIdentifier: "x", account: { id: 7 } }
    it.scopedLive.each<{ name: string; content: string | Uint8Array; issues: ReadonlyArray<string> }>([
      { name: "empty", content: "", issues: [] },
      { name: "half", content: `{"version":1,"unverified":{"token":"${canary}`, issues: [] },
      { name: "no JSON", content: canary, issues: [] },
      { name: "other JSON", content: `["${canary}"]`, issues: [] },
      { name: "null", content: "null", issues: [] },
      { name: "another program's", content: `{"token":"${canary}"}`, issues: ["version", "credentials"] },
      { name: "newer", content: JSON.stringify({ version: 2, tokens: [canary] }), issues: ["version", "credentials"] },
      {
        name: "wrong types",
        content: JSON.stringify({
          version: 1,
          clientIdentifier: `${canary} `,
          pending: 1,
          unverified: { token: `${canary} `, clientIdentifier: "x" },
          credentials: [entry, { ...entry, token: `${canary}\n` }, { ...entry, account: { id: canary } }]
        }),
        issues: ["clientIdentifier", "pending", "unverified.token", "credentials.1.token", "credentials.2.account.id"]
      },
      { name: "binary", content: Uint8Array.from([0xff, 0xfe, 0, 1, 2]), issues: [] }
    ])("$name", ({ content, issues }) =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const path = join(folder, "plex.json")
        writeFileSync(path, content)
        utimesSync(path, 1, 1)
        const before = readFileSync(path)
        for (const operation of operations(yield* openFile(path))) {
          const error = yield* Effect.flip(operation)
          strictEqual(error.where, path)
          assertTrue(error.message.includes(path))
          deepStrictEqual(error._tag === "StoreDamaged" && error.issues, issues)
          assertNotPrinted(error, canary)
        }
        deepStrictEqual(readFileSync(path), before)
        strictEqual(statSync(path).mtimeMs, 1000)
        deepStrictEqual(readdirSync(folder), ["plex.json"])
      }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger)))
    )
  })

  it.scopedLive("several processes on one file lose nothing", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "plex.json")
      const stores = yield* Effect.replicateEffect(openFile(path), 4)
      yield* Effect.forEach(
        Array.from({ length: 24 }, (_, i) => i),
        (i) => stores[i % 4]?.save(credentialsOf(i, `user-${i}`)) ?? Effect.void,
        { concurrency: "unbounded", discard: true }
      )
      deepStrictEqual(
        yield* idsIn(yield* openFile(path)),
        Array.from({ length: 24 }, (_, i) => i)
      )
      const made = yield* Effect.forEach(stores, (store) => store.clientIdentifier, { concurrency: "unbounded" })
      strictEqual(new Set(made).size, 1)
    })
  )

  it.scopedLive("interrupted at any step, it leaves no temporary file and no lock", () =>
    Effect.gen(function* () {
      let n = 1
      while (true) {
        const folder = yield* temporaryFolder
        const path = join(folder, "plex.json")
        const reached = yield* Deferred.make<undefined>()
        let calls = 0
        const fs = yield* around((_, call) =>
          Effect.suspend(() => {
            calls += 1
            return calls === n ? Effect.zipRight(Deferred.succeed(reached, undefined), call) : call
          })
        )
        const fiber = yield* Effect.fork((yield* openFileOn(path, fs)).save(alice))
        yield* Effect.race(Deferred.await(reached), Fiber.await(fiber))
        const isOver = !(yield* Deferred.isDone(reached))
        yield* Fiber.interrupt(fiber)
        assertTrue(["", "plex.json"].includes(readdirSync(folder).join()), `${n}: ${readdirSync(folder).join()}`)
        if (isOver) break
        n += 1
      }
      assertTrue(n > 14)
    })
  )

  it.scopedLive("does not write over what another process wrote that took its lock for a dead one's", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "plex.json")
      const other = yield* openFile(path)
      const fs = yield* nodeFileSystem
      const slow = yield* around((name, call) =>
        name === "file.sync"
          ? fs.remove(`${path}.lock`).pipe(Effect.zipRight(Effect.ignore(other.save(alice))), Effect.zipRight(call))
          : call
      )
      const error = yield* Effect.flip((yield* openFileOn(path, slow)).save(bob))
      assertTrue(error.message.includes("another process took over"))
      deepStrictEqual(yield* idsIn(other), [7])
    })
  )

  it.scopedLive("gives up on a lock that others pass on and on", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "plex.json")
      const fs = yield* nodeFileSystem
      let now = 0
      const busy: SystemError = systemError("open", "AlreadyExists")
      const store = yield* openFileOn(path, {
        ...fs,
        open: (name, options) => (name.endsWith(".lock") ? Effect.fail(busy) : fs.open(name, options)),
        stat: (name) =>
          name.endsWith(".lock")
            ? Effect.map(fs.stat("/"), (info) => ({ ...info, mtime: Option.some(new Date(now++)) }))
            : fs.stat(name)
      })
      const error = yield* Effect.flip(store.save(alice)).pipe(Effect.withClock(hastyClock()))
      strictEqual(error._tag, "StoreUnavailable")
      assertTrue(error.message.includes(".lock"))
    })
  )
})
