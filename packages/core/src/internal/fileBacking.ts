import type { PlatformError } from "@effect/platform/Error"
import type { File, FileSystem } from "@effect/platform/FileSystem"
import type { Path } from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import { StoreDamaged, StoreUnavailable } from "../CredentialStoreError.js"
import { acquireFileLock } from "./fileLock.js"
import { platformReason } from "./platformReason.js"
import { randomHex } from "./randomHex.js"
import type { StoreBacking } from "./StoreBacking.js"

const isNotFound = (error: PlatformError) => error._tag === "SystemError" && error.reason === "NotFound"

const ifThere = <A>(effect: Effect.Effect<A, PlatformError>) =>
  effect.pipe(
    Effect.asSome,
    Effect.catchIf(isNotFound, () => Effect.succeedNone)
  )

/**
 * A text in a file that its owner alone can read. It is replaced as a whole: written beside, flushed and renamed. The lock
 * and the names of temporary files begin with the file's name.
 */
export const fileBacking = (fs: FileSystem, path: Path, file: string): StoreBacking => {
  const where = path.resolve(file)
  const folder = path.dirname(where)
  const temporaryName = /^[0-9a-f]{32}[.]tmp$/
  const prefix = `${path.basename(where)}.`
  let hasWarned = false

  const unavailable = (operation: "read" | "write", reason: string) =>
    new StoreUnavailable({ where, operation, reason })

  const failed = (operation: "read" | "write") => (error: PlatformError) =>
    unavailable(operation, platformReason(error))

  /** Fails for all that is there and is no file. A link is not followed: whoever made it chose what is read. */
  const lookAt = Effect.gen(function* () {
    const isLink = yield* Effect.isSuccess(fs.readLink(where))
    if (isLink) return yield* unavailable("read", "it is a symbolic link, which is not followed")
    const info = yield* fs.stat(where).pipe(ifThere, Effect.catchAll(failed("read")))
    if (Option.isSome(info) && info.value.type !== "File") {
      return yield* unavailable("read", "it is not a regular file")
    }
    return info
  })

  // Modes say nothing on Windows.
  const warnOfMode = ({ mode }: File.Info) =>
    Effect.suspend(() => {
      if (hasWarned || path.sep !== "/" || (mode & 0o077) === 0) return Effect.void
      hasWarned = true
      const octal = (mode & 0o777).toString(8).padStart(4, "0")
      return Effect.logWarning(
        `Other users may read the credentials in ${where} (mode ${octal}). The next write makes it 0600; if others use ` +
          "this machine, sign out and in again."
      )
    })

  const decode = (bytes: Uint8Array) =>
    Effect.try({
      try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
      catch: () => new StoreDamaged({ where, issues: [] })
    })

  const read = Effect.gen(function* () {
    const info = yield* lookAt
    if (Option.isNone(info)) return Option.none()
    yield* warnOfMode(info.value)
    // It may be gone by now.
    const bytes = yield* fs.readFile(where).pipe(ifThere, Effect.catchAll(failed("read")))
    return yield* Effect.transposeMapOption(bytes, decode)
  })

  /** Only who has the lock makes temporary files: those that are there were left by one that was killed. */
  const removeLeftovers = fs.readDirectory(folder).pipe(
    Effect.flatMap((names) =>
      Effect.forEach(
        names.filter((name) => name.startsWith(prefix) && temporaryName.test(name.slice(prefix.length))),
        (name) => fs.remove(path.join(folder, name), { force: true }),
        { discard: true }
      )
    ),
    Effect.ignore
  )

  // So that the new name lasts through a power cut. Not every platform can: the content is whole without it.
  const flushFolder = Effect.ignore(Effect.scoped(Effect.flatMap(fs.open(folder), ({ sync }) => sync)))

  const writeTemporary = (temporary: string, text: string) =>
    Effect.scoped(
      Effect.gen(function* () {
        const opened = yield* fs.open(temporary, { flag: "wx", mode: 0o600 })
        yield* opened.writeAll(new TextEncoder().encode(text))
        yield* opened.sync
      })
    )

  const replace = (text: string, isHeld: Effect.Effect<boolean>) =>
    Effect.gen(function* () {
      yield* removeLeftovers
      const temporary = path.join(folder, `${prefix}${yield* randomHex}.tmp`)
      yield* writeTemporary(temporary, text).pipe(
        // What another process wrote in the meantime is not in the text.
        Effect.zipRight(Effect.filterOrFail(isHeld, identity, () => unavailable("write", "another process took over"))),
        Effect.zipRight(fs.rename(temporary, where)),
        Effect.catchTags({ BadArgument: failed("write"), SystemError: failed("write") }),
        Effect.onError(() => Effect.ignore(fs.remove(temporary, { force: true })))
      )
      yield* flushFolder
    })

  // A folder that is there is somebody's, maybe the home directory: its mode stays.
  const makeFolder = fs.makeDirectory(folder, { recursive: true, mode: 0o700 })

  return {
    where,
    read,
    exclusively: (use) =>
      Effect.scoped(
        Effect.uninterruptibleMask((restore) =>
          Effect.gen(function* () {
            const lock = yield* makeFolder.pipe(
              Effect.zipRight(acquireFileLock(fs, `${where}.lock`, restore)),
              Effect.catchAll(failed("write"))
            )
            if (Option.isSome(lock)) return yield* use((text) => replace(text, lock.value))
            return yield* unavailable("write", `another process does not let go of ${where}.lock`)
          })
        )
      )
  }
}
