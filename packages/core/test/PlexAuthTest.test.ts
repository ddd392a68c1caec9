import { describe, it } from "@effect/vitest"
import { assertEquals, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import {
  ClientIdentifierMissing,
  PinNotFound,
  PlexAuth,
  PlexAuthPolicy,
  PlexAuthTest,
  PlexClientInfo,
  RateLimited,
  SignIn,
  Unauthorized
} from "@plex-auth/core"
import { Cause, Clock, Duration, Effect, Exit, Fiber, Layer, Option, Redacted, Schedule, TestClock } from "effect"
import { assertNotPrinted, printed, unavailable } from "./support.js"

const plex = {
  createPin: Effect.flatMap(PlexAuth, (auth) => auth.createPin()),
  getToken: Effect.flatMap(PlexAuth, (auth) => auth.getToken({ pinID: "1" })),
  account: Effect.flatMap(PlexAuth, (auth) => auth.account(token))
}

const claimed = PlexAuthTest.claimed("CANARY")

const token = Option.getOrThrow(claimed.authToken)

const members = ["createPin", "getToken", "account"] as const

const tokenOf = (answer: typeof claimed) => Option.map(answer.authToken, Redacted.value)

/** The message of the defect that an exit died of. */
const defect = <A, E>(exit: Exit.Exit<A, E>): string => {
  const died = Exit.isFailure(exit) ? Cause.dieOption(exit.cause) : Option.none()
  return Option.isSome(died) && died.value instanceof Error ? died.value.message : `no defect: ${printed(exit)}`
}

describe("layer: fixed answers", () => {
  const { createPin, ...rest } = {
    createPin: PlexAuthTest.linkPin({ code: "WXYZ" }),
    getToken: claimed,
    account: PlexAuthTest.account()
  }

  it.effect("answers each call of a member the same", () =>
    Effect.gen(function* () {
      for (const _ of [1, 2, 3]) {
        const pin = yield* plex.createPin
        assertTrue(pin._tag === "LinkPin")
        strictEqual(pin.code, "WXYZ")
        assertEquals(tokenOf(yield* plex.getToken), Option.some("CANARY"))
        strictEqual((yield* plex.account).displayName, "Alice")
      }
    }).pipe(Effect.provide(PlexAuthTest.layer({ createPin, ...rest })))
  )

  it.effect("fails with the error that stands in an answer's place", () =>
    Effect.gen(function* () {
      assertEquals(yield* Effect.flip(plex.createPin), rateLimited)
      assertEquals(yield* Effect.flip(plex.getToken), notFound)
      assertEquals(yield* Effect.flip(plex.account), unauthorized)
    }).pipe(Effect.provide(PlexAuthTest.layer({ createPin: rateLimited, getToken: notFound, account: unauthorized })))
  )

  const rateLimited = new RateLimited({ operation: "PlexAuth.createPin", status: 429 })
  const notFound = new PinNotFound({ operation: "PlexAuth.getToken", status: 404, code: 1020, reasons: ["expired"] })
  const unauthorized = new Unauthorized({ operation: "PlexAuth.account", status: 401 })

  it.effect("runs the effect that stands in an answer's place, for each call again", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(
        Effect.zipRight(plex.getToken, Effect.zipRight(plex.getToken, Clock.currentTimeMillis))
      )
      yield* TestClock.adjust("1 minute")
      strictEqual(yield* Fiber.join(fiber), 800)
    }).pipe(Effect.provide(PlexAuthTest.layer({ getToken: Effect.delay(Effect.succeed(claimed), "400 millis") })))
  )

  it.effect("an answer that never comes can be interrupted", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(plex.getToken)
      yield* TestClock.adjust("1 hour")
      strictEqual(yield* Fiber.poll(fiber), Option.none())
      const exit = yield* Fiber.interrupt(fiber)
      assertTrue(Exit.isInterrupted(exit))
    }).pipe(Effect.provide(PlexAuthTest.layer({ getToken: Effect.never })))
  )

  it.effect.each(members)("a member without an answer is a defect that names it: %s", (member) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit<unknown, unknown, PlexAuth>(plex[member])
      strictEqual(defect(exit), `PlexAuthTest: PlexAuth.${member} was called, but the test gave no answer for it.`)
    }).pipe(Effect.provide(PlexAuthTest.layer({})))
  )

  it.effect("a member without an answer decodes its request all the same", () =>
    Effect.gen(function* () {
      const auth = yield* PlexAuth
      strictEqual((yield* Effect.flip(auth.getToken({ pinID: "../../user" })))._tag, "InvalidRequest")
    }).pipe(Effect.provide(PlexAuthTest.layer({})))
  )
})

describe("layerScript: one answer a call", () => {
  it.effect("gives each member's answers in their order", () =>
    Effect.gen(function* () {
      assertEquals(tokenOf(yield* plex.getToken), Option.none())
      assertEquals(yield* Effect.flip(plex.getToken), unavailable())
      strictEqual((yield* plex.account).id, 1)
      assertEquals(tokenOf(yield* plex.getToken), Option.some("CANARY"))
    }).pipe(
      Effect.provide(
        PlexAuthTest.layerScript({
          getToken: [PlexAuthTest.pending(), unavailable(), Effect.succeed(claimed)],
          account: [PlexAuthTest.account()]
        })
      )
    )
  )

  it.effect("a call too many is a defect that names the member and counts the answers", () =>
    Effect.gen(function* () {
      yield* plex.getToken
      yield* plex.getToken
      const third = yield* Effect.exit(plex.getToken)
      strictEqual(defect(third), "PlexAuthTest: the script of PlexAuth.getToken has 2 answers, and this is call 3.")
      const fourth = yield* Effect.exit(plex.getToken)
      strictEqual(defect(fourth), "PlexAuthTest: the script of PlexAuth.getToken has 2 answers, and this is call 4.")
    }).pipe(Effect.provide(PlexAuthTest.layerScript({ getToken: [PlexAuthTest.pending(), PlexAuthTest.pending()] })))
  )

  it.effect.each(members)("a script of no answers, and no script at all: %s", (member) =>
    Effect.gen(function* () {
      const run = Effect.exit<unknown, unknown, PlexAuth>(plex[member])
      const empty = yield* Effect.provide(run, PlexAuthTest.layerScript({ [member]: [] }))
      strictEqual(defect(empty), `PlexAuthTest: the script of PlexAuth.${member} has 0 answers, and this is call 1.`)
      const none = yield* Effect.provide(run, PlexAuthTest.layerScript({}))
      strictEqual(defect(none), `PlexAuthTest: PlexAuth.${member} was called, but the test gave no answer for it.`)
    })
  )

  it.effect("a request that does not decode takes no answer", () =>
    Effect.gen(function* () {
      const auth = yield* PlexAuth
      yield* Effect.flip(auth.getToken({ pinID: "" }))
      assertEquals(tokenOf(yield* plex.getToken), Option.some("CANARY"))
    }).pipe(Effect.provide(PlexAuthTest.layerScript({ getToken: [claimed] })))
  )

  it.effect("calls at the same time share the answers out", () =>
    Effect.gen(function* () {
      const answers = yield* Effect.all([plex.getToken, plex.getToken, plex.getToken], { concurrency: "unbounded" })
      deepStrictEqual(answers.map((answer) => Option.getOrThrow(tokenOf(answer))).sort(), ["a", "b", "c"])
    }).pipe(Effect.provide(PlexAuthTest.layerScript({ getToken: ["a", "b", "c"].map(PlexAuthTest.claimed) })))
  )
})

describe("requests: the recorder", () => {
  it.effect("has every request that would have been sent, in its order, failed ones included", () =>
    Effect.gen(function* () {
      const auth = yield* PlexAuth
      deepStrictEqual(yield* PlexAuthTest.requests, [])
      yield* auth.createPin({ strong: false, xPlexClientIdentifier: "Postman" })
      yield* Effect.flip(auth.getToken({ pinID: 7 }))
      yield* auth.account(token)
      yield* Effect.flip(auth.createPin({ xPlexProduct: "" }))
      const [first, second, third, ...more] = yield* PlexAuthTest.requests
      deepStrictEqual(more, [])
      assertTrue(first?.operation === "createPin")
      strictEqual(first.request.xPlexClientIdentifier, "Postman")
      assertTrue(second?.operation === "getToken")
      strictEqual(second.request.pinID, "7")
      assertTrue(third?.operation === "account")
      assertEquals(third.token, token)
    }).pipe(
      Effect.provide(
        PlexAuthTest.layer({
          createPin: PlexAuthTest.linkPin(),
          getToken: unavailable(),
          account: PlexAuthTest.account()
        })
      )
    )
  )

  it.effect("threat 4: shows no token and no id of a PIN in print", () =>
    Effect.gen(function* () {
      const auth = yield* PlexAuth
      yield* auth.getToken({ pinID: "1272322473" })
      yield* auth.account(token)
      const requests = yield* PlexAuthTest.requests
      strictEqual(requests.length, 2)
      assertNotPrinted(requests, "CANARY", "1272322473")
    }).pipe(Effect.provide(PlexAuthTest.layer({ getToken: claimed, account: PlexAuthTest.account() })))
  )

  it.effect("is new for each layer", () =>
    Effect.gen(function* () {
      const layer = PlexAuthTest.layer({ getToken: claimed })
      const count = Effect.map(Effect.zipRight(plex.getToken, PlexAuthTest.requests), (requests) => requests.length)
      strictEqual(yield* Effect.provide(count, layer), 1)
      strictEqual(yield* Effect.provide(count, layer), 1)
    })
  )
})

describe("the client identifier", () => {
  const answers = { createPin: PlexAuthTest.linkPin(), getToken: claimed, account: PlexAuthTest.account() }

  it.effect("does not matter where no PlexClientInfo is provided", () =>
    Effect.gen(function* () {
      yield* plex.createPin
      yield* plex.getToken
      strictEqual((yield* PlexAuthTest.requests).length, 2)
    }).pipe(Effect.provide(PlexAuthTest.layer(answers)))
  )

  it.effect("case 22: is missing where PlexClientInfo has none and the request neither, and nothing is recorded", () =>
    Effect.gen(function* () {
      const auth = yield* PlexAuth
      assertEquals(yield* Effect.flip(plex.createPin), new ClientIdentifierMissing({ operation: "PlexAuth.createPin" }))
      assertEquals(yield* Effect.flip(plex.getToken), new ClientIdentifierMissing({ operation: "PlexAuth.getToken" }))
      deepStrictEqual(yield* PlexAuthTest.requests, [])
      yield* auth.createPin({ xPlexClientIdentifier: "Postman" })
      yield* auth.getToken({ pinID: "1", xPlexClientIdentifier: "Postman" })
      yield* plex.account
      strictEqual((yield* PlexAuthTest.requests).length, 3)
    }).pipe(
      Effect.provide(PlexAuthTest.layer(answers).pipe(Layer.provide(PlexClientInfo.layer({ product: "My Cool App" }))))
    )
  )

  it.effect("is that of PlexClientInfo where it has one", () =>
    Effect.gen(function* () {
      yield* plex.createPin
      yield* plex.getToken
      strictEqual((yield* PlexAuthTest.requests).length, 2)
    }).pipe(
      Effect.provide(
        PlexAuthTest.layerScript({ createPin: [PlexAuthTest.linkPin()], getToken: [claimed] }).pipe(
          Layer.provide(PlexClientInfo.layer({ product: "My Cool App", clientIdentifier: "Postman" }))
        )
      )
    )
  )
})

describe("the fixtures", () => {
  it.effect("case 39: are PINs of each kind that have just arrived", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("1 hour")
      const link = yield* PlexAuthTest.linkPin()
      strictEqual(link.code, "AB12")
      assertEquals(link.expiresIn, Duration.minutes(15))
      strictEqual(link.receivedAt.epochMillis, 3_600_000)
      const strong = yield* PlexAuthTest.strongPin({ expiresIn: "1 minute" })
      strictEqual(Redacted.value(strong.code).length, 25)
      assertEquals(strong.expiresIn, Duration.minutes(1))
    })
  )

  it("are answers before and after the claim", () => {
    assertEquals(PlexAuthTest.pending().authToken, Option.none())
    assertEquals(tokenOf(PlexAuthTest.claimed("xxxxxxxxxxxxxxxxxxxx")), Option.some("xxxxxxxxxxxxxxxxxxxx"))
  })

  it.effect("case 40: refuse a token that is none, without quoting it", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Effect.sync(() => PlexAuthTest.claimed("CANARY TOKEN")))
      assertTrue(Exit.isFailure(exit))
      assertNotPrinted(exit, "CANARY")
    })
  )

  it.effect("make a whole sign-in", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(Effect.flatMap(SignIn.start({ strong: true }), SignIn.wait))
      yield* TestClock.adjust("10 seconds")
      assertEquals(yield* Fiber.join(fiber), token)
      const operations = (yield* PlexAuthTest.requests).map(({ operation }) => operation)
      deepStrictEqual(operations, ["createPin", "getToken", "getToken"])
    }).pipe(
      Effect.provide(
        PlexAuthTest.layerScript({ createPin: [PlexAuthTest.strongPin()], getToken: [PlexAuthTest.pending(), claimed] })
      )
    )
  )
})

describe("the policy under a test's layer", () => {
  const policy = PlexAuthPolicy.layer({ poll: Schedule.spaced("7 seconds") })

  const lookedAt = Effect.gen(function* () {
    const fiber = yield* Effect.fork(Effect.flatMap(PlexAuthTest.linkPin(), SignIn.wait))
    yield* TestClock.adjust("6999 millis")
    strictEqual((yield* PlexAuthTest.requests).length, 0)
    yield* TestClock.adjust("1 millis")
    assertEquals(yield* Fiber.join(fiber), token)
  })

  it.effect("holds for a wait, as it does under PlexAuth.layer: fixed answers", () =>
    Effect.provide(lookedAt, PlexAuthTest.layer({ getToken: claimed }).pipe(Layer.provide(policy)))
  )

  it.effect("holds for a wait, as it does under PlexAuth.layer: a script", () =>
    Effect.provide(lookedAt, PlexAuthTest.layerScript({ getToken: [claimed] }).pipe(Layer.provide(policy)))
  )

  it.effect("holds for a wait when it is set beside it", () =>
    Effect.provide(lookedAt, Layer.merge(PlexAuthTest.layer({ getToken: claimed }), policy))
  )
})
