/** Your program on the real client, and a simulated plex.tv in place of the network. */
import { assert, it } from "@effect/vitest"
import { CredentialStore, PlexClientInfo, SignIn } from "@plex-auth/core"
import type { LinkPin } from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { Fault, PlexTvSimulator } from "@plex-auth/http/testing"
import { Effect, Fiber, Layer, TestClock } from "effect"

const SimulatedPlex = PlexAuthHttp.layer().pipe(
  Layer.provideMerge(PlexTvSimulator.layerHttpClient),
  Layer.provideMerge(PlexClientInfo.layer({ clientIdentifier: "my-test", product: "My Cool App" })),
  Layer.merge(CredentialStore.layerMemory)
)

/** A user who claims each PIN as soon as the code is on the screen. */
const quickUser = (pin: LinkPin) =>
  Effect.flatMap(PlexTvSimulator, ({ claim }) => Effect.orDie(Effect.asVoid(claim(pin.code, "bob"))))

/** Requests as `GET /user`; the id in a PIN's path changes from run to run. */
const asked = Effect.flatMap(PlexTvSimulator, ({ requests }) =>
  Effect.map(requests, (all) =>
    all.map(({ method, path }) => `${method} ${path.replace("/api/v2", "").replace(/\/pins\/.*/, "/pins/{pinID}")}`)
  )
)

it.effect("a user signs in, though plex.tv is busy", () =>
  Effect.gen(function* () {
    const simulator = yield* PlexTvSimulator
    // The PIN is created, and then the limit of requests is reached.
    yield* simulator.script(Fault.none, Fault.status(429, { headers: { "retry-after": "30" } }))
    const signingIn = yield* Effect.fork(SignIn.run({ show: quickUser }))

    yield* TestClock.adjust("30 seconds")
    assert.deepStrictEqual(yield* asked, ["POST /pins", "GET /pins/{pinID}"], "it is left alone for half a minute")
    yield* TestClock.adjust("30 seconds")
    const { account } = yield* Fiber.join(signingIn)
    assert.strictEqual(account.displayName, "bob")
    assert.deepStrictEqual(yield* asked, ["POST /pins", "GET /pins/{pinID}", "GET /pins/{pinID}", "GET /user"])
    assert.isTrue(
      (yield* simulator.requests).every(({ headers }) => headers["x-plex-client-identifier"] === "my-test"),
      "each request says who is asking"
    )
  }).pipe(Effect.provide(SimulatedPlex))
)

it.effect("a PIN that expires is followed by another, which can be claimed", () =>
  Effect.gen(function* () {
    const simulator = yield* PlexTvSimulator
    const codes: Array<string> = []
    const signingIn = yield* Effect.fork(SignIn.run({ show: (pin) => Effect.sync(() => void codes.push(pin.code)) }))
    yield* TestClock.adjust("5 seconds")
    yield* simulator.expire(codes[0] ?? "")
    yield* TestClock.adjust("5 seconds")
    assert.lengthOf(codes, 2)
    yield* simulator.claim(codes[1] ?? "")
    yield* TestClock.adjust("5 seconds")
    const { account } = yield* Fiber.join(signingIn)
    assert.strictEqual(account.displayName, "alice")
  }).pipe(Effect.provide(SimulatedPlex))
)

it.effect("a sign-in that the network's log-in page gets in the way of fails with a sentence", () =>
  Effect.gen(function* () {
    const simulator = yield* PlexTvSimulator
    yield* simulator.script(Fault.garbage())
    const error = yield* Effect.flip(SignIn.run({ show: quickUser }))
    assert.strictEqual(error._tag, "InvalidResponse")
    assert.include(error.message, "log-in page")
  }).pipe(Effect.provide(SimulatedPlex))
)
