import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { SystemError } from "@effect/platform/Error"
import { createClient } from "@redis/client"
import { Duration, Effect, Layer, Option } from "effect"
import { Failed } from "../command.js"

const prefix = "plex-auth-web:"

/** Redis forgets an entry after this, however it came to be left behind. */
const longest = Duration.toMillis("8 days")

/** Its error event and its errors have the code in them that a person can look up. The URL may have a password in it. */
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : "no reason given")

const connected = (url: string) => {
  let wasConnected = false
  const client = createClient({
    url,
    // While it is away, a page says so at once.
    disableOfflineQueue: true,
    commandOptions: { timeout: 5_000 },
    socket: {
      connectTimeout: 5_000,
      reconnectStrategy: (tries, cause) => (wasConnected ? Math.min(2 ** tries * 50, 5_000) : cause)
    }
  })
  client.on("ready", () => {
    wasConnected = true
  })
  // Each operation fails for itself; without a listener the process would end.
  client.on("error", () => undefined)
  return client.connect()
}

/** A `KeyValueStore` in Redis. Fails when it can't be reached at first; later each operation does so for itself. */
export const redisStore = (url: string): Layer.Layer<KeyValueStore.KeyValueStore, Failed> =>
  Layer.scoped(
    KeyValueStore.KeyValueStore,
    Effect.gen(function* () {
      const client = yield* Effect.acquireRelease(
        Effect.tryPromise({
          try: () => connected(url),
          catch: (error) =>
            new Failed({
              message: `Can't reach Redis (${reasonOf(error)}). Start it, or correct REDIS_URL.`,
              exitCode: 1
            })
        }),
        (opened) => Effect.sync(() => opened.destroy())
      )

      const ask = <A>(method: string, key: string, question: () => Promise<A>) =>
        Effect.tryPromise({
          try: question,
          catch: (error) =>
            new SystemError({
              module: "KeyValueStore",
              method,
              reason: "Unknown",
              pathOrDescriptor: key,
              description: reasonOf(error)
            })
        })
      const keys = Effect.map(
        ask("keys", prefix, async () => {
          const found: Array<string> = []
          for await (const some of client.scanIterator({ MATCH: `${prefix}*` })) found.push(...some)
          return found
        }),
        (found) => Array.from(new Set(found))
      )

      return KeyValueStore.makeStringOnly({
        get: (key) =>
          Effect.map(
            ask("get", key, () => client.get(prefix + key)),
            Option.fromNullable
          ),
        set: (key, value) =>
          Effect.asVoid(
            ask("set", key, () => client.set(prefix + key, value, { expiration: { type: "PX", value: longest } }))
          ),
        remove: (key) => Effect.asVoid(ask("remove", key, () => client.del(prefix + key))),
        clear: Effect.flatMap(keys, (all) =>
          all.length === 0 ? Effect.void : Effect.asVoid(ask("clear", prefix, () => client.del(all)))
        ),
        size: Effect.map(keys, (all) => all.length)
      })
    })
  )
