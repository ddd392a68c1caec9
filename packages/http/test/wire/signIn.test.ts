/** A whole sign-in over real sockets, from the PIN to the stored credentials. */
import { assert, describe, it } from "@effect/vitest"
import { CredentialStore, PlexClientInfo, SignIn } from "@plex-auth/core"
import type { Pin, SignInEvent } from "@plex-auth/core"
import { Deferred, Effect, Exit, Fiber, Layer, Option, Redacted, Ref, TestClock } from "effect"
import { inspect } from "node:util"
import { at, bench, clientInfo, clients, errorOf, header, turn, valueOf } from "../support/testBench.js"
import { accountBody, pinBody } from "../support/bodies.js"
import { recordingConsole, recordingLogger, recordingTracer } from "../support/recording.js"
import { html, json, later, plexError, reset, silence } from "../support/steps.js"

const created = (fields: Readonly<Record<string, unknown>> = {}) => json(pinBody(fields), { status: 201 })
const pending = json(pinBody())
const claimed = json(pinBody({ authToken: "TOK" }))
const user = json(accountBody())

/** A program's own services, around the `PlexAuth` of the bench. */
const Program = Layer.merge(PlexClientInfo.layer(clientInfo), CredentialStore.layerMemory)

const show = () => Effect.void

const paths = (requests: ReadonlyArray<{ readonly method: string; readonly target: string }>) =>
  requests.map(({ method, target }) => `${method} ${target.replace("/api/v2", "").replace(/\?.*/, "")}`)

for (const client of clients) {
  describe(`a sign-in, ${client.name}`, () => {
    it.scoped(
      "is one request for the PIN, some for the claim, and one for the account; the token is in a header alone",
      () =>
        Effect.gen(function* () {
          const { run, server } = yield* bench({ client, script: [created(), pending, claimed, user] })
          const signedIn = Effect.gen(function* () {
            const credentials = yield* SignIn.run({ show })
            const store = yield* CredentialStore
            return { credentials, stored: yield* store.credentials }
          }).pipe(Effect.provide(Program))
          const { credentials, stored } = yield* valueOf(yield* run(signedIn))
          assert.strictEqual(Redacted.value(credentials.token), "TOK")
          assert.strictEqual(credentials.account.displayName, "Alice")
          assert.lengthOf(stored, 1)
          assert.deepStrictEqual(paths(server.requests), [
            "POST /pins",
            "GET /pins/1272322473",
            "GET /pins/1272322473",
            "GET /user"
          ])
          assert.deepStrictEqual(header(at(server.requests, 3), "x-plex-token"), ["TOK"])
          assert.isFalse(server.requests.some(({ target }) => target.includes("TOK")))
        })
    )

    it.scoped("gets over whatever happens on the way, and tells of it", () =>
      Effect.gen(function* () {
        const limited = plexError(429, 1003, "Too many requests", { headers: { "Retry-After": "2" } })
        const { run, server } = yield* bench({
          client,
          script: [html(503), created(), pending, reset, html(502), html(200), limited, pending, claimed, reset, user]
        })
        const events = yield* Ref.make<ReadonlyArray<SignInEvent["_tag"]>>([])
        const signIn = SignIn.run({ show, onEvent: ({ _tag }) => Ref.update(events, (all) => [...all, _tag]) })
        yield* valueOf(yield* run(Effect.provide(signIn, Program)))
        assert.deepStrictEqual(yield* Ref.get(events), [
          "Created",
          "Waiting",
          "Waiting",
          "Retrying",
          "Retrying",
          "Retrying",
          "SlowedDown",
          "Waiting",
          "Claimed",
          "SignedIn"
        ])
        assert.lengthOf(server.requests, 11)
      })
    )

    it.scoped("case 32: five who wait for one PIN are one GET an interval, and one that leaves leaves four", () =>
      Effect.gen(function* () {
        const { drive, fork, server } = yield* bench({
          client,
          script: [created(), pending, pending, pending, claimed]
        })
        const starting = yield* fork(SignIn.start())
        yield* drive(starting)
        const pin = yield* Fiber.join(starting)
        const first = yield* fork(SignIn.wait(pin))
        const four = yield* Effect.all(Array.from({ length: 4 }, () => fork(SignIn.wait(pin))))
        yield* drive(first, () => server.requests.length === 3)
        assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(first)))
        for (const fiber of four) {
          yield* drive(fiber)
          assert.strictEqual(Redacted.value(yield* Fiber.join(fiber)), "TOK")
        }
        assert.lengthOf(server.requests, 5)
        for (const [i, { at: arrived }] of server.requests.entries()) {
          if (i > 1) assert.isAtLeast(arrived - at(server.requests, i - 1).answeredAt, 1000)
        }
      })
    )

    it.scoped("case 31: interrupted while it waits for an answer, the socket closes and nothing more is asked", () =>
      Effect.gen(function* () {
        const { drive, fork, server } = yield* bench({ client, script: [created(), pending, silence, claimed] })
        const store = yield* Layer.build(CredentialStore.layerMemory)
        const fiber = yield* fork(
          SignIn.run({ show }).pipe(Effect.provide(PlexClientInfo.layer(clientInfo)), Effect.provide(store))
        )
        yield* drive(fiber, () => server.requests.length === 3)
        assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
        yield* Deferred.await(at(server.requests, 2).closed)
        yield* TestClock.adjust("10 minutes")
        yield* Effect.repeatN(turn, 10)
        assert.lengthOf(server.requests, 3)
        const left = yield* Effect.provide(
          Effect.flatMap(CredentialStore, ({ pending }) => pending),
          store
        )
        assert.isTrue(Option.isSome(left), "the PIN can be taken up again")
      })
    )

    it.scoped("complete sees the token that appears a moment after the user is back", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({
          client,
          script: [created({ code: "c".repeat(25) }), pending, later("200 millis", pending), claimed]
        })
        const completed = Effect.flatMap(SignIn.start({ strong: true }), (pin) => SignIn.complete(pin))
        assert.strictEqual(Redacted.value(yield* valueOf(yield* run(completed))), "TOK")
        assert.strictEqual(at(server.requests, 1).at, at(server.requests, 0).answeredAt, "the first look is at once")
        assert.lengthOf(server.requests, 4)
      })
    )

    it.scoped("complete ends with PinNotClaimed, and asks no more", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({
          client,
          script: [created({ code: "c".repeat(25) }), ...Array.from({ length: 30 }, () => pending)]
        })
        const completed = Effect.flatMap(SignIn.start({ strong: true }), (pin) => SignIn.complete(pin))
        const error = yield* errorOf(yield* run(completed))
        assert.strictEqual(error._tag, "PinNotClaimed")
        const asked = server.requests.length
        assert.isAtMost(asked, 12)
        yield* TestClock.adjust("10 minutes")
        yield* Effect.repeatN(turn, 10)
        assert.lengthOf(server.requests, asked)
      })
    )

    it.scoped("case 40, threat 4: neither events, logs, spans, the console nor an error show what is secret", () =>
      Effect.gen(function* () {
        const written = yield* recordingConsole
        const { layer: tracer, spans } = recordingTracer()
        const { layer: logger, lines } = recordingLogger()
        const secrets = { id: "987654321098765", code: "c0decanary0123456789abcde", token: "tOkEn-7cAnArY_9xYzQw" }
        const fields = { id: Number(secrets.id), code: secrets.code }
        const { run } = yield* bench({
          client,
          script: [
            created(fields),
            html(502),
            json(pinBody({ ...fields, authToken: secrets.token })),
            user,
            created(fields),
            plexError(404, 1020, `No ${secrets.id} ${secrets.code} ${secrets.token}`)
          ]
        })
        const pins = yield* Ref.make<ReadonlyArray<Pin>>([])
        const signIn = SignIn.run({
          strong: true,
          show: (pin) => Ref.update(pins, (all) => [...all, pin]),
          onEvent: (event) =>
            Effect.zipRight(
              Effect.logTrace("It goes on", event),
              Effect.sync(() => console.log(inspect(event, { depth: null }), JSON.stringify(event)))
            )
        }).pipe(
          Effect.tapBoth({
            onFailure: (error) => Effect.logError("It failed", error),
            onSuccess: (credentials) => Effect.logInfo("It went well", credentials)
          }),
          Effect.withSpan("outer"),
          Effect.provide([Program, tracer, logger])
        )
        const exits = [yield* run(signIn), yield* run(signIn)]
        assert.deepStrictEqual(exits.map(Exit.isSuccess), [true, false])
        assert.lengthOf(yield* Ref.get(pins), 2)
        const shown = [
          ...lines,
          ...written.map((item) => (typeof item === "string" ? item : inspect(item, { depth: null }))),
          ...exits.flatMap((exit) => [
            String(exit),
            JSON.stringify(exit),
            inspect(exit, { depth: null, showHidden: true })
          ]),
          ...spans.map((span) =>
            inspect([span.name, span.attributes, span.events, span.status], { depth: null, showHidden: true })
          )
        ].join("\n")
        for (const [name, secret] of Object.entries(secrets)) assert.isFalse(shown.includes(secret), name)
        assert.isAtLeast(lines.length, 10)
        assert.isAtLeast(spans.length, 6)
      })
    )
  })
}
