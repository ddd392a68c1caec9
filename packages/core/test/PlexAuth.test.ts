import { describe, it } from "@effect/vitest"
import { assertEquals, assertInstanceOf, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import {
  Account,
  ClientIdentifierMissing,
  CreatePinResponse,
  InvalidRequest,
  InvalidResponse,
  LinkPin,
  PlexAuth,
  PlexAuthPolicy,
  PlexAuthTest,
  PlexClientInfo,
  SignIn,
  StrongPin
} from "@plex-auth/core"
import type { AccessToken, GetTokenRequest } from "@plex-auth/core"
import {
  Context,
  DateTime,
  Duration,
  Effect,
  Fiber,
  Layer,
  Option,
  Redacted,
  Ref,
  Schedule,
  Schema,
  TestClock
} from "effect"
import { createdPin } from "./samples.js"
import { assertNotPrinted, unavailable, utc } from "./support.js"

/** What a wire was asked for. */
interface Sent {
  readonly operation: string
  readonly request?: unknown
  readonly clientIdentifier?: string
  /** The timeout of the policy that was in force for the call. */
  readonly timeout: Duration.DurationInput
}

class Wire extends Context.Tag("test/Wire")<Wire, { readonly sent: Ref.Ref<ReadonlyArray<Sent>> }>() {
  static readonly Live = Layer.effect(
    Wire,
    Effect.map(Ref.make<ReadonlyArray<Sent>>([]), (sent) => ({ sent }))
  )
}

const sent = Effect.flatMap(Wire, (wire) => Ref.get(wire.sent))

const token = Option.getOrThrow(PlexAuthTest.claimed("TOK").authToken)

const makeWire = (created: unknown) =>
  Effect.map(Wire, (wire): PlexAuth.Wire => {
    const send = (message: Omit<Sent, "timeout">) =>
      Effect.flatMap(PlexAuthPolicy.resolved, ({ requestTimeout: timeout }) =>
        Ref.update(wire.sent, (all) => [...all, { ...message, timeout }])
      )
    return {
      createPin: (request, clientIdentifier) =>
        Effect.zipRight(
          send({ operation: "createPin", request: { ...request }, clientIdentifier }),
          Effect.orDie(Schema.decodeUnknown(CreatePinResponse)(created))
        ),
      getToken: (request, clientIdentifier) =>
        Effect.as(
          send({ operation: "getToken", request: { ...request }, clientIdentifier }),
          PlexAuthTest.claimed("TOK")
        ),
      account: () => Effect.as(send({ operation: "account" }), Schema.decodeSync(Account)({ id: 7 })),
      ping: () => send({ operation: "ping" }),
      signOut: () => send({ operation: "signOut" }),
      linkPin: (_, code) => send({ operation: "linkPin", request: { code } }),
      resources: () => Effect.as(send({ operation: "resources" }), [PlexAuthTest.server()]),
      homeUsers: () => Effect.as(send({ operation: "homeUsers" }), [PlexAuthTest.homeUser()]),
      switchUser: (_, request) =>
        Effect.as(send({ operation: "switchUser", request: { ...request } }), PlexAuthTest.switched("KID")),
      registerKey: (_, jwk) => send({ operation: "registerKey", request: { jwk } }),
      nonce: Effect.as(send({ operation: "nonce" }), "a-nonce"),
      exchangeJwt: () => Effect.as(send({ operation: "exchangeJwt" }), token),
      keys: Effect.as(send({ operation: "keys" }), []),
      clockOffset: Effect.succeed(0)
    }
  })

const clientInfo = (clientIdentifier?: string) => PlexClientInfo.layer({ product: "My Cool App", clientIdentifier })

const plexLayer = (created: unknown = createdPin) => PlexAuth.layer(makeWire(created))

const layer = (clientIdentifier?: string, created?: unknown) =>
  plexLayer(created).pipe(Layer.provide(clientInfo(clientIdentifier)), Layer.provideMerge(Wire.Live))

describe("the client identifier", () => {
  it.effect("is that of PlexClientInfo where the request has none", () =>
    Effect.gen(function* () {
      const plex = yield* PlexAuth
      const pin = yield* plex.createPin()
      yield* plex.getToken({ pinID: "7" })
      strictEqual(pin.clientIdentifier, "of-the-app")
      deepStrictEqual(
        (yield* sent).map(({ clientIdentifier, operation }) => [operation, clientIdentifier]),
        [
          ["createPin", "of-the-app"],
          ["getToken", "of-the-app"]
        ]
      )
    }).pipe(Effect.provide(layer("of-the-app")))
  )

  it.effect.each(["of-the-app", undefined])(
    "is the request's own where it has one, whatever the app's: %s",
    (ofTheApp) =>
      Effect.gen(function* () {
        const plex = yield* PlexAuth
        const pin = yield* plex.createPin({ xPlexClientIdentifier: "Postman" })
        yield* plex.getToken({ pinID: "7", xPlexClientIdentifier: "Postman" })
        strictEqual(pin.clientIdentifier, "Postman")
        deepStrictEqual(
          (yield* sent).map(({ clientIdentifier }) => clientIdentifier),
          ["Postman", "Postman"]
        )
      }).pipe(Effect.provide(layer(ofTheApp)))
  )

  it.effect("case 22: with neither it is missing, and nothing is sent", () =>
    Effect.gen(function* () {
      const plex = yield* PlexAuth
      assertEquals(
        yield* Effect.flip(plex.createPin({ strong: true })),
        new ClientIdentifierMissing({ operation: "PlexAuth.createPin" })
      )
      assertEquals(
        yield* Effect.flip(plex.getToken({ pinID: "7" })),
        new ClientIdentifierMissing({ operation: "PlexAuth.getToken" })
      )
      deepStrictEqual(yield* sent, [])
    }).pipe(Effect.provide(layer()))
  )
})

describe("requests", () => {
  it.effect("reach the wire decoded", () =>
    Effect.gen(function* () {
      const plex = yield* PlexAuth
      yield* plex.createPin({ strong: true, xPlexProduct: "Café" })
      yield* plex.getToken({ pinID: 7 })
      strictEqual((yield* plex.account(token)).id, 7)
      const [created, read, whose] = yield* sent
      deepStrictEqual(created?.request, { strong: true, xPlexProduct: "Café" })
      deepStrictEqual(read?.request, { pinID: "7" })
      strictEqual(whose?.operation, "account")
    }).pipe(Effect.provide(layer("app")))
  )

  it.effect("case 35: case 36: don't reach the wire when they do not decode", () =>
    Effect.gen(function* () {
      const plex = yield* PlexAuth
      const hostile: ReadonlyArray<GetTokenRequest.Input> = JSON.parse(
        '[{"pinID":"../../user"},{"pinID":"1?x="},{"pinID":"1","xPlexClientIdentifier":"a\\r\\nX-Evil: 1"},{},null,"1"]'
      )
      for (const input of hostile) strictEqual((yield* Effect.flip(plex.getToken(input)))._tag, "InvalidRequest")
      strictEqual((yield* Effect.flip(plex.createPin({ xPlexProduct: " " })))._tag, "InvalidRequest")
      deepStrictEqual(yield* sent, [])
    }).pipe(Effect.provide(layer("app")))
  )
})

describe("a token", () => {
  const unjudged: ReadonlyArray<AccessToken> = JSON.parse(
    '["CANARY TOKEN","CANARY\\r\\nX-Evil: 1","",{"token":"CANARY"},null,12345]',
    (_, value: unknown) => (typeof value === "string" ? Redacted.make(value) : value)
  )

  it.effect("case 36: threat 11: that did not come out of its schema does not reach the wire", () =>
    Effect.gen(function* () {
      const plex = yield* PlexAuth
      for (const value of unjudged) {
        const error = yield* Effect.flip(plex.account(value))
        assertInstanceOf(error, InvalidRequest)
        deepStrictEqual(
          error.issues.map(({ field }) => field),
          ["token"]
        )
        assertNotPrinted(error, "CANARY")
      }
      deepStrictEqual(yield* sent, [])
    }).pipe(Effect.provide(layer("app")))
  )
})

describe("the PIN that is made of an answer", () => {
  const created = (answer: unknown, strong = false) =>
    Effect.flatMap(PlexAuth, (plex) => plex.createPin({ strong })).pipe(Effect.provide(layer("app", answer)))

  it.effect("case 39: is of the kind that was asked for, with what Plex said of it", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("12345 millis")
      const pin = yield* created(createdPin)
      assertInstanceOf(pin, LinkPin)
      strictEqual(pin.id, "1272322473")
      strictEqual(pin.code, "AB12")
      strictEqual(pin.clientIdentifier, "app")
      assertEquals(pin.product, Option.some("My Cool App"))
      assertEquals(pin.trusted, Option.some(false))
      assertEquals(pin.qr, Option.some("https://plex.tv/api/v2/pins/qr/AB12"))
      assertEquals(Option.map(pin.createdAt, DateTime.formatIso), Option.some("2023-04-12T17:00:03.000Z"))
      assertEquals(Option.map(pin.expiresAt, DateTime.formatIso), Option.some("2023-04-12T17:30:03.000Z"))
      assertEquals(pin.expiresIn, Duration.minutes(30))
      assertEquals(pin.receivedAt, utc(12345))

      const strong = yield* created({ ...createdPin, code: "CANARY-5678901234567890" }, true)
      assertInstanceOf(strong, StrongPin)
      assertEquals(strong.code, Redacted.make("CANARY-5678901234567890"))
      assertEquals(strong.receivedAt, utc(12345))
      assertNotPrinted(strong, "CANARY", "1272322473")
    })
  )

  it.effect("belongs to the client identifier that was sent, whatever the answer echoes", () =>
    Effect.gen(function* () {
      const pin = yield* created({ ...createdPin, clientIdentifier: "somebody-else" })
      strictEqual(pin.clientIdentifier, "app")
    })
  )

  it.effect("receivedAt is when the answer came, not when it was asked for", () =>
    Effect.gen(function* () {
      const wire = Effect.map(makeWire(createdPin), (made): PlexAuth.Wire => ({
        ...made,
        createPin: (request, clientIdentifier) => Effect.delay(made.createPin(request, clientIdentifier), "3 seconds")
      }))
      const slow = PlexAuth.layer(wire).pipe(Layer.provide([clientInfo("app"), Wire.Live]))
      const fiber = yield* Effect.fork(Effect.flatMap(PlexAuth, (plex) => plex.createPin()).pipe(Effect.provide(slow)))
      yield* TestClock.adjust("1 minute")
      assertEquals((yield* Fiber.join(fiber)).receivedAt, utc(3000))
    })
  )

  it.effect.each(
    ["", "A B1", "AB-12", "ABCDEFGHI", "0123456789abcdefghijklmno", "Café", "../x"].map((code) => ({ code }))
  )("case 39: a code that nobody could type makes the answer to a link PIN invalid: $code", ({ code }) =>
    Effect.gen(function* () {
      const wire = Effect.map(makeWire(createdPin), (made): PlexAuth.Wire => ({
        ...made,
        createPin: () =>
          Effect.succeed(
            new CreatePinResponse(
              { ...Schema.decodeUnknownSync(CreatePinResponse)(createdPin), code: Redacted.make(code) },
              true
            )
          )
      }))
      const error = yield* Effect.flatMap(PlexAuth, (plex) => plex.createPin()).pipe(
        Effect.flip,
        Effect.provide(PlexAuth.layer(wire).pipe(Layer.provide([clientInfo("app"), Wire.Live])))
      )
      deepStrictEqual<unknown>(
        error,
        new InvalidResponse({ operation: "PlexAuth.createPin", reason: "unexpected", status: 201, paths: ["code"] })
      )
      if (code !== "") assertNotPrinted(error, code)
    })
  )

  it.effect.each(["A", "AB12", "abcd", "12345678"])("case 39: a code that can be typed is taken: %s", (code) =>
    Effect.gen(function* () {
      const pin = yield* created({ ...createdPin, code })
      assertTrue(pin._tag === "LinkPin")
      strictEqual(pin.code, code)
    })
  )

  it.effect("case 21: expiresIn that is no lifetime gives the usual one", () =>
    Effect.gen(function* () {
      for (const expiresIn of [undefined, null, 0, -1, "NaN", "-5", "", {}, [], true, Number.NaN]) {
        assertEquals((yield* created({ ...createdPin, expiresIn })).expiresIn, Duration.minutes(15), String(expiresIn))
        assertEquals((yield* created({ ...createdPin, expiresIn }, true)).expiresIn, Duration.minutes(30))
      }
    })
  )

  it.effect("case 21: expiresIn missing gives the usual lifetime", () =>
    Effect.gen(function* () {
      assertEquals((yield* created({ id: 1, code: "AB12" })).expiresIn, Duration.minutes(15))
      assertEquals((yield* created({ id: 1, code: "AB12" }, true)).expiresIn, Duration.minutes(30))
    })
  )

  it.effect.each([1e12, 1e308, "999999999999999", 3601].map((expiresIn) => ({ expiresIn })))(
    "case 21: expiresIn $expiresIn is brought within an hour",
    ({ expiresIn }) =>
      Effect.gen(function* () {
        assertEquals((yield* created({ ...createdPin, expiresIn })).expiresIn, Duration.hours(1))
        assertEquals((yield* created({ ...createdPin, expiresIn }, true)).expiresIn, Duration.hours(1))
      })
  )

  it.effect("case 21: a lifetime that makes sense is taken as it is", () =>
    Effect.gen(function* () {
      for (const expiresIn of [1, 60, 900, 1800, 3600]) {
        assertEquals((yield* created({ ...createdPin, expiresIn })).expiresIn, Duration.seconds(expiresIn))
        assertEquals(
          (yield* created({ ...createdPin, expiresIn: String(expiresIn) })).expiresIn,
          Duration.seconds(expiresIn)
        )
      }
    })
  )
})

describe("the policy", () => {
  const timeout = (requestTimeout: Duration.DurationInput) => PlexAuthPolicy.layer({ requestTimeout })

  /** What is in force for each of the three operations. */
  const inForce = Effect.gen(function* () {
    const plex = yield* PlexAuth
    yield* plex.createPin()
    yield* plex.getToken({ pinID: "7" })
    yield* plex.account(token)
    return (yield* sent).slice(-3).map((message) => Duration.toMillis(message.timeout))
  })

  const base = plexLayer().pipe(Layer.provide(clientInfo("app")))

  const withWire = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provide(effect, Wire.Live)

  it.effect("has a default", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* Effect.provide(inForce, base), [10_000, 10_000, 10_000])
    }).pipe(withWire)
  )

  it.effect("can be set under the layer", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* Effect.provide(inForce, Layer.provide(base, timeout("1 second"))), [1000, 1000, 1000])
    }).pipe(withWire)
  )

  it.effect("can be set beside the layer, in either order", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* Effect.provide(inForce, Layer.merge(base, timeout("2 seconds"))), [2000, 2000, 2000])
      deepStrictEqual(yield* Effect.provide(inForce, Layer.merge(timeout("2 seconds"), base)), [2000, 2000, 2000])
    }).pipe(withWire)
  )

  it.effect("can be set outside, for the whole program", () =>
    Effect.gen(function* () {
      const program = Effect.provide(inForce, base)
      deepStrictEqual(yield* Effect.provide(program, timeout("3 seconds")), [3000, 3000, 3000])
      deepStrictEqual(yield* PlexAuthPolicy.with({ requestTimeout: "3 seconds" })(program), [3000, 3000, 3000])
    }).pipe(withWire)
  )

  it.effect("can be set around a call, and the call wins over every other place", () =>
    Effect.gen(function* () {
      const call = inForce.pipe(PlexAuthPolicy.with({ requestTimeout: "4 seconds" }))
      const four = [4000, 4000, 4000]
      deepStrictEqual(yield* Effect.provide(call, base), four)
      deepStrictEqual(yield* Effect.provide(call, Layer.provide(base, timeout("1 second"))), four)
      deepStrictEqual(yield* Effect.provide(call, Layer.merge(base, timeout("2 seconds"))), four)
      deepStrictEqual(yield* Effect.provide(Effect.provide(call, base), timeout("3 seconds")), four)
      const provided = Effect.provide(inForce, timeout("4 seconds"))
      deepStrictEqual(yield* Effect.provide(provided, Layer.provide(base, timeout("1 second"))), four)
    }).pipe(withWire)
  )

  it.effect("is that of the inner one of two calls, and the outer one's again after it", () =>
    Effect.gen(function* () {
      const seen = yield* Effect.gen(function* () {
        const outer = yield* inForce
        const inner = yield* inForce.pipe(PlexAuthPolicy.with({ requestTimeout: "5 seconds" }))
        return [outer[0], inner[0], (yield* inForce)[0]]
      }).pipe(PlexAuthPolicy.with({ requestTimeout: "6 seconds" }), Effect.provide(base))
      deepStrictEqual(seen, [6000, 5000, 6000])
    }).pipe(withWire)
  )

  it.effect("what is set beside the layer wins over what is set outside both or under it, in either order", () =>
    Effect.gen(function* () {
      const beside = timeout("2 seconds")
      const under = Layer.provide(base, timeout("1 second"))
      for (const both of [Layer.merge(base, beside), Layer.merge(beside, base)]) {
        const program = Effect.provide(inForce, both)
        deepStrictEqual(yield* Effect.provide(program, timeout("3 seconds")), [2000, 2000, 2000])
      }
      for (const both of [Layer.merge(under, beside), Layer.merge(beside, under)]) {
        deepStrictEqual(yield* Effect.provide(inForce, both), [2000, 2000, 2000])
      }
    }).pipe(withWire)
  )

  it.effect("what is set under the layer goes with the service, wherever it is called", () =>
    Effect.gen(function* () {
      const plex = yield* Effect.provide(PlexAuth, Layer.provide(base, timeout("1 second")))
      const call = Effect.provideService(inForce, PlexAuth, plex)
      deepStrictEqual(yield* call, [1000, 1000, 1000])
      deepStrictEqual(yield* PlexAuthPolicy.with({ retry: Schedule.stop })(call), [1000, 1000, 1000])
      deepStrictEqual(yield* PlexAuthPolicy.with({ requestTimeout: "4 seconds" })(call), [4000, 4000, 4000])
    }).pipe(withWire)
  )

  it.effect("a part of it that is set leaves the rest as it was set before", () =>
    Effect.gen(function* () {
      const under = Layer.provide(base, timeout("1 second"))
      const call = inForce.pipe(PlexAuthPolicy.with({ retry: Schedule.stop }))
      deepStrictEqual(yield* Effect.provide(call, under), [1000, 1000, 1000])
      const twice = timeout("1 second").pipe(Layer.provideMerge(PlexAuthPolicy.layer({ retryAfterLimit: "9 seconds" })))
      const policy = yield* Effect.provide(PlexAuthPolicy.resolved, twice)
      deepStrictEqual([policy.requestTimeout, policy.retryAfterLimit], ["1 second", "9 seconds"])
    }).pipe(withWire)
  )

  it.effect("a poll schedule that is set only under the layer is that of SignIn.wait", () =>
    Effect.gen(function* () {
      const polled = plexLayer().pipe(
        Layer.provide([clientInfo("app"), PlexAuthPolicy.layer({ poll: Schedule.spaced("7 seconds") })])
      )
      const pin = yield* PlexAuthTest.linkPin()
      const fiber = yield* Effect.fork(Effect.provide(SignIn.wait(pin), polled))
      yield* TestClock.adjust("6999 millis")
      strictEqual((yield* sent).length, 0)
      yield* TestClock.adjust("1 millis")
      strictEqual((yield* sent).length, 1)
      assertEquals(yield* Fiber.join(fiber), token)
    }).pipe(withWire)
  )

  it.effect("and goes with the service too", () =>
    Effect.gen(function* () {
      const polled = plexLayer().pipe(
        Layer.provide([clientInfo("app"), PlexAuthPolicy.layer({ poll: Schedule.spaced("7 seconds") })])
      )
      const plex = yield* Effect.provide(PlexAuth, polled)
      const pin = yield* PlexAuthTest.linkPin()
      const fiber = yield* Effect.fork(Effect.provideService(SignIn.wait(pin), PlexAuth, plex))
      yield* TestClock.adjust("6999 millis")
      strictEqual((yield* sent).length, 0)
      yield* TestClock.adjust("1 millis")
      assertEquals(yield* Fiber.join(fiber), token)
    }).pipe(withWire)
  )

  it.effect("a poll schedule around the wait wins over the one under the layer", () =>
    Effect.gen(function* () {
      const polled = plexLayer().pipe(
        Layer.provide([clientInfo("app"), PlexAuthPolicy.layer({ poll: Schedule.spaced("7 seconds") })])
      )
      const pin = yield* PlexAuthTest.linkPin()
      const wait = SignIn.wait(pin).pipe(PlexAuthPolicy.with({ poll: Schedule.spaced("2 seconds") }))
      const fiber = yield* Effect.fork(Effect.provide(wait, polled))
      yield* TestClock.adjust("2 seconds")
      strictEqual((yield* sent).length, 1)
      assertEquals(yield* Fiber.join(fiber), token)
    }).pipe(withWire)
  )
})

describe("by hand", () => {
  it.effect("a mock of one member is a PlexAuth, and a member that it lacks is a defect that names it", () =>
    Effect.gen(function* () {
      const plex = yield* PlexAuth
      assertEquals((yield* plex.getToken({ pinID: "1" })).authToken, Option.some(token))
      const exit = yield* Effect.exit(plex.createPin())
      assertTrue(exit._tag === "Failure" && String(exit.cause).includes("createPin"))
    }).pipe(Effect.provide(Layer.mock(PlexAuth, { getToken: () => Effect.succeed(PlexAuthTest.claimed("TOK")) })))
  )

  it.effect("an error of the wire comes out as it is", () =>
    Effect.gen(function* () {
      const wire = Effect.map(makeWire(createdPin), (made): PlexAuth.Wire => ({
        ...made,
        getToken: () => unavailable()
      }))
      const error = yield* Effect.flatMap(PlexAuth, (plex) => plex.getToken({ pinID: "1" })).pipe(
        Effect.flip,
        Effect.provide(PlexAuth.layer(wire).pipe(Layer.provide([clientInfo("app"), Wire.Live])))
      )
      assertEquals(error, unavailable())
    })
  )
})
