/** Your program on another `PlexAuth`: no HTTP at all, and a clock that goes as fast as you like. */
import { assert, it } from "@effect/vitest"
import { CredentialStore, PlexAuthTest, PlexClientInfo, PlexUnavailable, SignIn, Unauthorized } from "@plex-auth/core"
import type { LinkPin } from "@plex-auth/core"
import { Effect, Fiber, Layer, Redacted, TestClock } from "effect"

const Program = Layer.merge(
  PlexClientInfo.layer({ clientIdentifier: "my-test", product: "My Cool App" }),
  CredentialStore.layerMemory
)

/** A user interface that only remembers the codes that it was to show. */
const display = () => {
  const codes: Array<string> = []
  return { codes, show: (pin: LinkPin) => Effect.sync(() => void codes.push(pin.code)) }
}

it.effect("a user signs in, though a connection is lost on the way", () => {
  const { codes, show } = display()
  return Effect.gen(function* () {
    const signingIn = yield* Effect.fork(SignIn.run({ show }))
    yield* TestClock.adjust("1 minute")
    const { account, token } = yield* Fiber.join(signingIn)

    assert.strictEqual(account.displayName, "Alice")
    assert.strictEqual(Redacted.value(token), "the-token-of-alice")
    assert.deepStrictEqual(codes, ["WXYZ"])
    const operations = (yield* PlexAuthTest.requests).map(({ operation }) => operation)
    assert.deepStrictEqual(operations, ["createPin", "getToken", "getToken", "getToken", "account"])
  }).pipe(
    Effect.provide([
      Program,
      PlexAuthTest.layerScript({
        createPin: [PlexAuthTest.linkPin({ code: "WXYZ" })],
        getToken: [
          PlexAuthTest.pending(),
          new PlexUnavailable({ operation: "PlexAuth.getToken", reason: "reset" }),
          PlexAuthTest.claimed("the-token-of-alice")
        ],
        account: [PlexAuthTest.account()]
      })
    ])
  )
})

it.effect("when nobody claims the PIN there is another one, three in all", () => {
  const { codes, show } = display()
  return Effect.gen(function* () {
    const signingIn = yield* Effect.fork(Effect.flip(SignIn.run({ show })))
    yield* TestClock.adjust("10 seconds")
    assert.deepStrictEqual(codes, ["AAAA", "BBBB"])
    yield* TestClock.adjust("20 seconds")
    assert.deepStrictEqual(codes, ["AAAA", "BBBB", "CCCC"])
    const error = yield* Fiber.join(signingIn)
    assert.strictEqual(error._tag, "PinExpired")
  }).pipe(
    Effect.provide([
      Program,
      PlexAuthTest.layerScript({
        createPin: ["AAAA", "BBBB", "CCCC"].map((code) => PlexAuthTest.linkPin({ code, expiresIn: "10 seconds" })),
        getToken: Array.from({ length: 30 }, PlexAuthTest.pending)
      })
    ])
  )
})

it.effect("an error that a new PIN would not help comes out", () => {
  const { codes, show } = display()
  return Effect.gen(function* () {
    const error = yield* Effect.flip(SignIn.run({ show }))
    assert.strictEqual(error._tag, "Unauthorized")
    assert.deepStrictEqual(codes, [])
  }).pipe(
    Effect.provide([
      Program,
      PlexAuthTest.layer({ createPin: new Unauthorized({ operation: "PlexAuth.createPin", status: 401, code: 1001 }) })
    ])
  )
})
