/** `SignIn.run` and `SignIn.events`: a sign-in from the PIN to the stored credentials. */
import { describe, it } from "@effect/vitest"
import { assertEquals, assertInstanceOf, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import {
  ClientIdentifierMismatch,
  Credentials,
  CredentialStore,
  LinkPin,
  PinExpired,
  PinNotClaimed,
  PinNotFound,
  PlexAuth,
  PlexAuthPolicy,
  PlexAuthTest,
  PlexClientInfo,
  SignIn,
  StoreUnavailable,
  StrongPin,
  Unauthorized
} from "@plex-auth/core"
import type { AccessToken, Pin, SignInEvent } from "@plex-auth/core"
import {
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Option,
  Redacted,
  Ref,
  Schedule,
  Stream,
  TestClock
} from "effect"
import { assertNotPrinted, unavailable } from "../support.js"

const client = "plex-auth-test"

const notFound = new PinNotFound({
  operation: "PlexAuth.getToken",
  status: 404,
  code: 1020,
  reasons: ["expired", "unknown", "otherClientIdentifier"]
})

const steady = PlexAuthPolicy.with({ poll: Schedule.spaced("1 second"), retry: Schedule.stop })

const pending = PlexAuthTest.pending()
const claimed = PlexAuthTest.claimed("TOK")
const token = Option.getOrThrow(claimed.authToken)

/** A program's services: a scripted plex.tv, a store, and who is asking. */
const scene = (script: PlexAuthTest.Script) =>
  Layer.mergeAll(
    PlexAuthTest.layerScript({ createPin: [PlexAuthTest.linkPin()], account: [PlexAuthTest.account()], ...script }),
    CredentialStore.layerMemory,
    PlexClientInfo.layer({ clientIdentifier: client, product: "My Cool App" })
  )

const asked = Effect.map(PlexAuthTest.requests, (all) => all.map(({ operation }) => operation))

/** What the store holds: whether there is a PIN, and the tokens. */
const stored = Effect.gen(function* () {
  const store = yield* CredentialStore
  const plain = (each: { readonly token: AccessToken }): string => Redacted.value(each.token)
  return {
    pending: Option.isSome(yield* store.pending),
    unverified: Option.getOrUndefined(Option.map(yield* store.unverified, plain)),
    tokens: (yield* store.credentials).map(plain)
  }
})

const show = () => Effect.void

/** Lets a sign-in run for some time, and leaves it running. */
const ran = <A, E, R>(effect: Effect.Effect<A, E, R>, time: Duration.DurationInput) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(steady(effect))
    yield* TestClock.adjust(time)
    return fiber
  })

const resumed = (options: { readonly show?: typeof show } = {}) =>
  Effect.flatMap(ran(SignIn.run({ show, ...options, resume: true }), "1 minute"), Fiber.join)

describe("run", () => {
  it.effect("creates a PIN, shows it, waits, verifies the token, stores the credentials, and returns them", () =>
    Effect.gen(function* () {
      const shown = yield* Deferred.make<Pin>()
      const fiber = yield* ran(SignIn.run({ show: (pin) => Deferred.succeed(shown, pin) }), "3 seconds")
      const credentials = yield* Fiber.join(fiber)
      assertInstanceOf(credentials, Credentials)
      assertEquals(credentials.token, token)
      strictEqual(credentials.account.displayName, "Alice")
      strictEqual(credentials.clientIdentifier, client)
      assertInstanceOf(yield* Deferred.await(shown), LinkPin)
      deepStrictEqual(yield* asked, ["createPin", "getToken", "getToken", "account"])
      deepStrictEqual(yield* stored, { pending: false, unverified: undefined, tokens: ["TOK"] })
      assertNotPrinted(credentials, "TOK")
    }).pipe(Effect.provide(scene({ getToken: [pending, claimed] })))
  )

  it.effect("case 39: with strong it is a strong PIN, asked for with the request's own fields", () =>
    Effect.gen(function* () {
      const shown = yield* Deferred.make<Pin>()
      const run = SignIn.run({
        strong: true,
        xPlexProduct: "My TV App",
        show: (pin) => Deferred.succeed(shown, pin)
      })
      yield* Fiber.join(yield* ran(run, "1 second"))
      assertInstanceOf(yield* Deferred.await(shown), StrongPin)
      const [first] = yield* PlexAuthTest.requests
      assertTrue(first?.operation === "createPin")
      deepStrictEqual([first.request.strong, first.request.xPlexProduct], [true, "My TV App"])
    }).pipe(Effect.provide(scene({ createPin: [PlexAuthTest.strongPin()], getToken: [claimed] })))
  )

  it.effect("the PIN is stored before it is shown, and the token before it is verified", () =>
    Effect.gen(function* () {
      const seen = yield* Ref.make<ReadonlyArray<unknown>>([])
      const look = Effect.flatMap(Effect.orDie(stored), (state) => Ref.update(seen, (states) => [...states, state]))
      const run = SignIn.run({
        show: () => look,
        onEvent: (event) => (event._tag === "Claimed" ? look : Effect.void)
      })
      yield* Fiber.join(yield* ran(run, "1 second"))
      deepStrictEqual(yield* Ref.get(seen), [
        { pending: true, unverified: undefined, tokens: [] },
        { pending: false, unverified: "TOK", tokens: [] }
      ])
    }).pipe(Effect.provide(scene({ getToken: [claimed] })))
  )

  it.effect("what the hook leaves to its scope ends with the wait for its PIN", () =>
    Effect.gen(function* () {
      const open = yield* Ref.make<ReadonlyArray<string>>([])
      const countdown = (pin: LinkPin) =>
        Effect.acquireRelease(
          Ref.update(open, (codes) => [...codes, pin.code]),
          () => Ref.update(open, (codes) => codes.filter((code) => code !== pin.code))
        )
      const fiber = yield* ran(SignIn.run({ show: countdown }), "2 seconds")
      deepStrictEqual(yield* Ref.get(open), ["AAAA"])
      yield* TestClock.adjust("9 seconds")
      deepStrictEqual(yield* Ref.get(open), ["BBBB"])
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      deepStrictEqual(yield* Ref.get(open), [])
    }).pipe(
      Effect.provide(
        scene({
          createPin: [
            PlexAuthTest.linkPin({ code: "AAAA", expiresIn: "10 seconds" }),
            PlexAuthTest.linkPin({ code: "BBBB" })
          ],
          getToken: [...Array.from({ length: 12 }, () => pending), claimed]
        })
      )
    )
  )

  it.effect("what the hook fails with is what the sign-in fails with, and nobody waits", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(SignIn.run({ show: () => Effect.fail("no screen") }))
      strictEqual(error, "no screen")
      deepStrictEqual(yield* asked, ["createPin"])
    }).pipe(Effect.provide(scene({})))
  )

  it.effect("case 24: a PIN whose creation failed for the moment is created again", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(SignIn.run({ show }))
      yield* TestClock.adjust("1 minute")
      strictEqual((yield* Fiber.join(fiber)).account.displayName, "Alice")
      deepStrictEqual(yield* asked, ["createPin", "createPin", "getToken", "account"])
    }).pipe(
      Effect.provide(scene({ createPin: [Effect.fail(unavailable()), PlexAuthTest.linkPin()], getToken: [claimed] }))
    )
  )
})

describe("run: the policy", () => {
  it.effect("threat 15: a retry that is set under the layer of PlexAuth is that of the PIN's creation", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(Effect.flip(SignIn.run({ show })))
      yield* TestClock.adjust("1 minute")
      strictEqual((yield* Fiber.join(fiber))._tag, "PlexUnavailable")
      deepStrictEqual(yield* asked, ["createPin"])
    }).pipe(
      Effect.provide(
        scene({ createPin: [Effect.fail(unavailable()), PlexAuthTest.linkPin()] }).pipe(
          Layer.provide(PlexAuthPolicy.layer({ retry: Schedule.stop }))
        )
      )
    )
  )
})

describe("run: PINs that expire", () => {
  const short = PlexAuthTest.linkPin({ expiresIn: "3 seconds" })
  const forever = Array.from({ length: 100 }, () => pending)

  it.effect("is replaced by a new one, twice by default, and then it is PinExpired", () =>
    Effect.gen(function* () {
      const fiber = yield* ran(SignIn.run({ show }), "1 minute")
      assertInstanceOf(yield* Effect.flip(Fiber.join(fiber)), PinExpired)
      strictEqual((yield* asked).filter((operation) => operation === "createPin").length, 3)
      deepStrictEqual(yield* stored, { pending: false, unverified: undefined, tokens: [] })
    }).pipe(Effect.provide(scene({ createPin: [short, short, short], getToken: forever })))
  )

  it.effect("is not replaced with replacements: 0", () =>
    Effect.gen(function* () {
      const fiber = yield* ran(SignIn.run({ show, replacements: 0 }), "1 minute")
      assertInstanceOf(yield* Effect.flip(Fiber.join(fiber)), PinExpired)
      strictEqual((yield* asked).filter((operation) => operation === "createPin").length, 1)
    }).pipe(Effect.provide(scene({ createPin: [short], getToken: forever })))
  )

  it.effect("is not replaced for ever when the number is none", () =>
    Effect.gen(function* () {
      const fiber = yield* ran(SignIn.run({ show, replacements: Number.NaN }), "1 minute")
      assertInstanceOf(yield* Effect.flip(Fiber.join(fiber)), PinExpired)
    }).pipe(Effect.provide(scene({ createPin: [short], getToken: forever })))
  )

  it.effect("a server that is ahead says so with a 404, and it is replaced all the same", () =>
    Effect.gen(function* () {
      const fiber = yield* ran(SignIn.run({ show }), "1 minute")
      strictEqual((yield* Fiber.join(fiber)).account.displayName, "Alice")
      deepStrictEqual(yield* asked, ["createPin", "getToken", "getToken", "createPin", "getToken", "account"])
    }).pipe(
      Effect.provide(
        scene({
          createPin: [PlexAuthTest.linkPin(), PlexAuthTest.linkPin()],
          getToken: [pending, Effect.fail(notFound), claimed]
        })
      )
    )
  )

  it.effect("case 18: one that plex.tv has never known is not: the client identifier is wrong", () =>
    Effect.gen(function* () {
      const fiber = yield* ran(SignIn.run({ show }), "1 minute")
      assertInstanceOf(yield* Effect.flip(Fiber.join(fiber)), PinNotFound)
      deepStrictEqual(yield* asked, ["createPin", "getToken"])
    }).pipe(Effect.provide(scene({ getToken: [Effect.fail(notFound)] })))
  )

  it.effect(
    "within bounds the wait for all PINs; the one that still lives stays in the store, and can be resumed",
    () =>
      Effect.gen(function* () {
        const fiber = yield* ran(SignIn.run({ show, within: "10 seconds" }), "1 minute")
        const error = yield* Effect.flip(Fiber.join(fiber))
        assertInstanceOf(error, PinNotClaimed)
        assertTrue(Duration.lessThanOrEqualTo(error.waited, "7 seconds"), "the second PIN's share")
        deepStrictEqual(yield* stored, { pending: true, unverified: undefined, tokens: [] })
        const shown = yield* Ref.make(0)
        const again = yield* ran(SignIn.run({ show: () => Ref.update(shown, (n) => n + 1), resume: true }), "0 seconds")
        yield* TestClock.adjust("2 minutes")
        strictEqual((yield* Fiber.join(again)).account.displayName, "Alice")
        strictEqual(yield* Ref.get(shown), 1)
        strictEqual((yield* asked).filter((operation) => operation === "createPin").length, 2)
      }).pipe(
        Effect.provide(
          scene({ createPin: [short, PlexAuthTest.linkPin()], getToken: [...forever.slice(0, 14), claimed] })
        )
      )
  )
})

describe("run: events", () => {
  it.effect("tell of the whole sign-in, in order", () =>
    Effect.gen(function* () {
      const events = yield* Ref.make<ReadonlyArray<SignInEvent>>([])
      const run = SignIn.run({ show, onEvent: (event) => Ref.update(events, (all) => [...all, event]) })
      const credentials = yield* Fiber.join(yield* ran(run, "1 minute"))
      const all = yield* Ref.get(events)
      deepStrictEqual(
        all.map(({ _tag }) => _tag),
        ["Created", "Waiting", "Waiting", "Waiting", "Replaced", "Waiting", "Retrying", "Claimed", "SignedIn"]
      )
      const [created] = all
      const last = all.at(-1)
      assertTrue(created?._tag === "Created" && last?._tag === "SignedIn")
      strictEqual(last.credentials, credentials)
      assertNotPrinted(all, "TOK")
    }).pipe(
      Effect.provide(
        scene({
          createPin: [PlexAuthTest.linkPin({ expiresIn: "3 seconds" }), PlexAuthTest.linkPin()],
          getToken: [pending, pending, pending, Effect.fail(unavailable()), claimed]
        })
      )
    )
  )

  it.effect("are a stream, which ends with the credentials", () =>
    Effect.gen(function* () {
      const fiber = yield* ran(Stream.runCollect(SignIn.events({ strong: true })), "1 minute")
      const all = Array.from(yield* Fiber.join(fiber))
      deepStrictEqual(
        all.map(({ _tag }) => _tag),
        ["Created", "Waiting", "Claimed", "SignedIn"]
      )
      assertTrue(all[0]?._tag === "Created" && all[0].pin._tag === "StrongPin")
    }).pipe(Effect.provide(scene({ createPin: [PlexAuthTest.strongPin()], getToken: [claimed] })))
  )

  it.effect("the stream fails like the sign-in", () =>
    Effect.gen(function* () {
      const fiber = yield* ran(Stream.runDrain(SignIn.events({ replacements: 0 })), "1 minute")
      assertInstanceOf(yield* Effect.flip(Fiber.join(fiber)), PinNotFound)
    }).pipe(Effect.provide(scene({ getToken: [Effect.fail(notFound)] })))
  )

  it.effect("case 30: whoever takes no more of the stream ends the sign-in", () =>
    Effect.gen(function* () {
      const fiber = yield* ran(Stream.runHead(SignIn.events()), "0 seconds")
      assertTrue(Option.isSome(yield* Fiber.join(fiber)))
      yield* TestClock.adjust("1 minute")
      deepStrictEqual(yield* asked, ["createPin"])
    }).pipe(Effect.provide(scene({})))
  )
})

describe("run: what goes wrong after the claim", () => {
  it.effect("case 44: plex.tv does not say whose token it is: the token is kept, and resume goes on with it", () =>
    Effect.gen(function* () {
      const fiber = yield* ran(SignIn.run({ show }), "1 minute")
      strictEqual((yield* Effect.flip(Fiber.join(fiber)))._tag, "PlexUnavailable")
      deepStrictEqual(yield* stored, { pending: false, unverified: "TOK", tokens: [] })
      const credentials = yield* resumed({ show: () => Effect.dieMessage("nothing is to be shown") })
      strictEqual(credentials.account.displayName, "Alice")
      deepStrictEqual(yield* stored, { pending: false, unverified: undefined, tokens: ["TOK"] })
      deepStrictEqual(yield* asked, ["createPin", "getToken", "account", "account"])
    }).pipe(
      Effect.provide(
        scene({
          getToken: [claimed],
          account: [Effect.fail(unavailable({ reason: "status", status: 503 })), PlexAuthTest.account()]
        })
      )
    )
  )

  const unauthorized = Effect.fail(new Unauthorized({ operation: "PlexAuth.account", status: 401, code: 1001 }))

  it.effect("case 44: the token is not valid: it is forgotten, and resume begins anew", () =>
    Effect.gen(function* () {
      const fiber = yield* ran(SignIn.run({ show }), "1 minute")
      assertInstanceOf(yield* Effect.flip(Fiber.join(fiber)), Unauthorized)
      deepStrictEqual(yield* stored, { pending: false, unverified: undefined, tokens: [] })
      yield* resumed()
      deepStrictEqual(yield* asked, ["createPin", "getToken", "account", "createPin", "getToken", "account"])
    }).pipe(
      Effect.provide(
        scene({
          createPin: [PlexAuthTest.linkPin(), PlexAuthTest.linkPin()],
          getToken: [claimed, claimed],
          account: [unauthorized, PlexAuthTest.account()]
        })
      )
    )
  )

  it.effect("threat 13: the token of before stays until the new one is verified, and is then replaced", () =>
    Effect.gen(function* () {
      const store = yield* CredentialStore
      yield* Fiber.join(yield* ran(SignIn.run({ show }), "2 seconds"))
      deepStrictEqual((yield* stored).tokens, ["TOK"])
      yield* Effect.flip(Fiber.join(yield* ran(SignIn.run({ show }), "2 seconds")))
      deepStrictEqual(yield* stored, { pending: false, unverified: "NEW", tokens: ["TOK"] })
      yield* resumed()
      deepStrictEqual(yield* stored, { pending: false, unverified: undefined, tokens: ["NEW"] })
      strictEqual((yield* store.credentials).length, 1)
    }).pipe(
      Effect.provide(
        scene({
          createPin: [PlexAuthTest.linkPin(), PlexAuthTest.linkPin()],
          getToken: [claimed, PlexAuthTest.claimed("NEW")],
          account: [PlexAuthTest.account(), Effect.fail(unavailable()), PlexAuthTest.account()]
        })
      )
    )
  )
})

describe("run: resume", () => {
  it.effect("without anything to take up, it begins anew", () =>
    Effect.gen(function* () {
      strictEqual((yield* resumed()).account.displayName, "Alice")
    }).pipe(Effect.provide(scene({ getToken: [claimed] })))
  )

  it.effect("a PIN of the other kind, or one whose time is over, is passed over", () =>
    Effect.gen(function* () {
      const store = yield* CredentialStore
      yield* store.savePending(yield* PlexAuthTest.strongPin())
      yield* resumed()
      yield* store.savePending(yield* PlexAuthTest.linkPin({ expiresIn: "1 minute" }))
      yield* TestClock.adjust("1 minute")
      yield* resumed()
      strictEqual((yield* asked).filter((operation) => operation === "createPin").length, 2)
    }).pipe(
      Effect.provide(
        scene({
          createPin: [PlexAuthTest.linkPin(), PlexAuthTest.linkPin()],
          getToken: [claimed, claimed],
          account: [PlexAuthTest.account(), PlexAuthTest.account()]
        })
      )
    )
  )

  it.effect("a PIN that plex.tv does not know any more is replaced, even with replacements: 0", () =>
    Effect.gen(function* () {
      const store = yield* CredentialStore
      yield* store.savePending(yield* PlexAuthTest.linkPin())
      const fiber = yield* ran(SignIn.run({ show, resume: true, replacements: 0 }), "1 minute")
      strictEqual((yield* Fiber.join(fiber)).account.displayName, "Alice")
      deepStrictEqual(yield* asked, ["getToken", "createPin", "getToken", "account"])
    }).pipe(Effect.provide(scene({ getToken: [Effect.fail(notFound), claimed] })))
  )

  it.effect("case 34: a PIN whose time is over is passed over, whose ever it was", () =>
    Effect.gen(function* () {
      const store = yield* CredentialStore
      yield* store.savePending(yield* PlexAuthTest.linkPin({ expiresIn: "1 minute" }))
      yield* TestClock.adjust("10 days")
      const run = SignIn.run({ show, resume: true, xPlexClientIdentifier: "another" })
      strictEqual((yield* Fiber.join(yield* ran(run, "1 minute"))).account.displayName, "Alice")
    }).pipe(Effect.provide(scene({ getToken: [claimed] })))
  )

  it.effect("case 34: a PIN or a token of another client identifier is refused, and nothing is sent", () =>
    Effect.gen(function* () {
      const store = yield* CredentialStore
      const pin = yield* PlexAuthTest.linkPin()
      yield* store.savePending(pin)
      const asAnother = SignIn.run({ show, resume: true, xPlexClientIdentifier: "another" })
      assertInstanceOf(yield* Effect.flip(asAnother), ClientIdentifierMismatch)
      yield* store.saveToken({ token, clientIdentifier: pin.clientIdentifier })
      const error = yield* Effect.flip(asAnother)
      assertInstanceOf(error, ClientIdentifierMismatch)
      assertNotPrinted(error, client, "TOK")
      deepStrictEqual(yield* asked, [])
      deepStrictEqual((yield* stored).unverified, "TOK")
    }).pipe(Effect.provide(scene({})))
  )
})

describe("run: killed at any moment", () => {
  const Client = PlexClientInfo.layer({ clientIdentifier: client, product: "My Cool App" })

  /** Gives the token of each PIN. `step` runs before each request. */
  const plexWith = (step: Effect.Effect<void>) =>
    Layer.mock(PlexAuth, {
      createPin: () => Effect.zipRight(step, PlexAuthTest.linkPin()),
      getToken: () => Effect.as(step, claimed),
      account: () => Effect.as(step, PlexAuthTest.account())
    })

  /** Another process's view of the same store. `step` runs before and after each write. */
  const storeWith = (store: CredentialStore.Service, step: Effect.Effect<void>) => {
    const around = <A, E>(write: Effect.Effect<A, E>) => Effect.zipRight(step, Effect.zipLeft(write, step))
    return Layer.succeed(CredentialStore, {
      ...store,
      savePending: (pin) => around(store.savePending(pin)),
      saveToken: (unverified) => around(store.saveToken(unverified)),
      save: (credentials) => around(store.save(credentials))
    })
  }

  /** A sign-in goes no further than to its n-th step, and another process takes up what is left. */
  const killedAt = (n: number) =>
    Effect.gen(function* () {
      let steps = 0
      const step = Effect.suspend(() => (++steps === n ? Effect.never : Effect.void))
      const store = yield* CredentialStore
      const shown = yield* Ref.make(0)
      const show = () => Ref.update(shown, (times) => times + 1)
      const first = yield* SignIn.run({ show }).pipe(
        Effect.provide([plexWith(step), storeWith(store, step), Client]),
        steady,
        Effect.forkDaemon
      )
      yield* TestClock.adjust("10 seconds")
      const hung = Option.isNone(yield* Fiber.poll(first))
      const second = yield* SignIn.run({ show, resume: true }).pipe(
        Effect.provide([plexWith(Effect.void), storeWith(store, Effect.void), Client]),
        steady,
        Effect.fork
      )
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(second)
      return { hung, shown: yield* Ref.get(shown), stored: yield* stored }
    }).pipe(Effect.provide(CredentialStore.layerMemory))

  it.effect("case 33: another process takes up what is left, and the user is signed in", () =>
    Effect.gen(function* () {
      const shown: Array<number> = []
      for (let n = 1; ; n++) {
        const killed = yield* killedAt(n)
        if (!killed.hung) break
        deepStrictEqual(killed.stored, { pending: false, unverified: undefined, tokens: ["TOK"] })
        shown.push(killed.shown)
      }
      // Creating, storing the PIN, | reading, storing the token, | verifying, storing the credentials, | which are stored.
      deepStrictEqual(shown, [1, 1, 1, 2, 2, 1, 1, 1, 2])
    })
  )
})

describe("run: a store that cannot be written", () => {
  const full = new StoreUnavailable({ where: "a full disk", operation: "write", reason: "no space is left" })

  /** The store of the program, some of whose writes fail. */
  const failing = (writes: Partial<CredentialStore.Service>) =>
    Layer.effect(
      CredentialStore,
      Effect.map(CredentialStore, (store) => ({ ...store, ...writes }))
    )

  it.effect("from the start: the user is not bothered with a PIN", () =>
    Effect.gen(function* () {
      const run = SignIn.run({ show: () => Effect.dieMessage("shown") })
      const error = yield* Effect.flip(Effect.provide(run, failing({ savePending: () => full })))
      strictEqual(error, full)
      deepStrictEqual(yield* asked, ["createPin"])
    }).pipe(Effect.provide(scene({})))
  )

  it.effect("when there is a token: the PIN stays, and the token is read from it again", () =>
    Effect.gen(function* () {
      const run = Effect.provide(SignIn.run({ show }), failing({ saveToken: () => full }))
      const error = yield* Effect.flip(Fiber.join(yield* ran(run, "1 minute")))
      strictEqual(error, full)
      assertNotPrinted(error, "TOK")
      deepStrictEqual(yield* stored, { pending: true, unverified: undefined, tokens: [] })
      yield* resumed()
      deepStrictEqual(yield* stored, { pending: false, unverified: undefined, tokens: ["TOK"] })
    }).pipe(Effect.provide(scene({ getToken: [claimed, claimed] })))
  )

  it.effect("when the token is verified: it stays as it was stored, and resume goes on with it", () =>
    Effect.gen(function* () {
      const run = Effect.provide(SignIn.run({ show }), failing({ save: () => full }))
      strictEqual(yield* Effect.flip(Fiber.join(yield* ran(run, "1 minute"))), full)
      deepStrictEqual(yield* stored, { pending: false, unverified: "TOK", tokens: [] })
      yield* resumed()
      deepStrictEqual(yield* stored, { pending: false, unverified: undefined, tokens: ["TOK"] })
    }).pipe(Effect.provide(scene({ getToken: [claimed], account: [PlexAuthTest.account(), PlexAuthTest.account()] })))
  )
})

describe("run: several at once", () => {
  it.effect("threat 13: take turns over one store, so that the token that is stored is the last one", () =>
    Effect.gen(function* () {
      const log = yield* Ref.make<ReadonlyArray<string>>([])
      const run = (name: string) =>
        SignIn.run({
          show: () => Ref.update(log, (lines) => [...lines, `${name} shows`]),
          onEvent: (event) =>
            event._tag === "SignedIn" ? Ref.update(log, (lines) => [...lines, `${name} is done`]) : Effect.void
        })
      const first = yield* ran(run("first"), "1 second")
      const second = yield* ran(run("second"), "1 minute")
      yield* Fiber.joinAll([first, second])
      deepStrictEqual(yield* Ref.get(log), ["first shows", "first is done", "second shows", "second is done"])
      deepStrictEqual((yield* stored).tokens, ["NEW"])
    }).pipe(
      Effect.provide(
        scene({
          createPin: [PlexAuthTest.linkPin(), PlexAuthTest.linkPin()],
          getToken: [pending, pending, claimed, PlexAuthTest.claimed("NEW")],
          account: [PlexAuthTest.account(), PlexAuthTest.account()]
        })
      )
    )
  )

  it.effect("one that is interrupted makes way for the next", () =>
    Effect.gen(function* () {
      const first = yield* ran(SignIn.run({ show }), "1 second")
      const second = yield* ran(SignIn.run({ show }), "1 second")
      assertTrue(Option.isNone(yield* Fiber.poll(second)))
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("1 minute")
      strictEqual((yield* Fiber.join(second)).account.displayName, "Alice")
    }).pipe(
      Effect.provide(
        scene({
          createPin: [PlexAuthTest.linkPin(), PlexAuthTest.linkPin()],
          getToken: [pending, pending, claimed]
        })
      )
    )
  )

  it.effect("case 30: interruption while it waits leaves the PIN to be resumed, and asks no more", () =>
    Effect.gen(function* () {
      const fiber = yield* ran(SignIn.run({ show }), "2500 millis")
      assertTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      yield* TestClock.adjust("1 minute")
      deepStrictEqual(yield* asked, ["createPin", "getToken", "getToken"])
      assertTrue((yield* stored).pending)
      strictEqual((yield* resumed()).account.displayName, "Alice")
    }).pipe(Effect.provide(scene({ getToken: [pending, pending, claimed] })))
  )
})
