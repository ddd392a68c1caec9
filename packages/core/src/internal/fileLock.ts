import type { PlatformError } from "@effect/platform/Error"
import type { File, FileSystem } from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Scope } from "effect/Scope"
import { monotonicMillis } from "./monotonic.js"

const tryEvery = Duration.millis(10)

/** An update takes milliseconds. A lock that stays the same for so long was left behind by a process that is gone. */
const staleAfter = Duration.seconds(5)

const giveUpAfter = Duration.seconds(30)

/** Tells one lock from the next one in its place. */
const identityOf = ({ ino, mtime }: File.Info): string =>
  `${Option.getOrElse(ino, () => 0)} ${Option.match(mtime, { onNone: () => 0, onSome: (date) => date.getTime() })}`

/** Whether the lock is still held: nobody took it away, in the belief that its holder is gone. */
type IsHeld = Effect.Effect<boolean>

/**
 * Makes a file that only one process can make, and removes it when the scope closes. `None` when others had the lock for
 * all of the time that there is to wait. For a region that cannot be interrupted, with what lets the waiting be.
 */
export const acquireFileLock = (
  fs: FileSystem,
  path: string,
  restore: <A>(waiting: Effect.Effect<A>) => Effect.Effect<A>
): Effect.Effect<Option.Option<IsHeld>, PlatformError, Scope> => {
  const remove = fs.remove(path, { force: true })

  const found = fs.stat(path).pipe(Effect.map(identityOf), Effect.option)

  const make = Effect.scoped(
    Effect.flatMap(fs.open(path, { flag: "wx", mode: 0o600 }), (file) =>
      Effect.onError(Effect.map(file.stat, identityOf), () => Effect.ignore(remove))
    )
  ).pipe(
    Effect.asSome,
    Effect.catchIf(
      (error) => error._tag === "SystemError" && error.reason === "AlreadyExists",
      () => Effect.succeedNone
    )
  )

  return Effect.gen(function* () {
    const startedAt = yield* monotonicMillis
    let seen = { lock: Option.none<string>(), since: startedAt }
    while (true) {
      const made = yield* make
      if (Option.isSome(made)) {
        const isHeld = Effect.map(found, Option.contains(made.value))
        yield* Effect.addFinalizer(() => Effect.ignore(Effect.whenEffect(remove, isHeld)))
        return Option.some(isHeld)
      }
      const now = yield* monotonicMillis
      if (now - startedAt >= Duration.toMillis(giveUpAfter)) return Option.none()
      const lock = yield* found
      if (Option.getOrNull(lock) !== Option.getOrNull(seen.lock)) seen = { lock, since: now }
      else if (now - seen.since >= Duration.toMillis(staleAfter)) {
        yield* remove
        seen = { lock: Option.none(), since: now }
      }
      yield* restore(Clock.sleep(tryEvery))
    }
  })
}
