/** What the network does to one request: faults, time, redirects, interruption, and what is tried again. */
import { assert, describe, it } from "@effect/vitest"
import { PlexAuthPolicy, SignIn } from "@plex-auth/core"
import { Cause, Deferred, Effect, Exit, Fiber, Option, Redacted, Schedule, TestClock } from "effect"
import {
  account,
  at,
  bench,
  clients,
  createPin,
  errorOf,
  getToken,
  header,
  once,
  operations,
  token,
  turn,
  until,
  valueOf
} from "../support/testBench.js"
import { accountBody, pinBody, pinID } from "../support/bodies.js"
import { encoded } from "../support/encoded.js"
import { rawServer } from "../support/rawServer.js"
import type { RawServer, Step } from "../support/rawServer.js"
import {
  drip,
  fin,
  html,
  json,
  later,
  plexError,
  raw,
  reset,
  respond,
  silence,
  thenFin,
  thenSilence
} from "../support/steps.js"

const claimed = pinBody({ authToken: "TOK" })

const cutChunks = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${claimed.length.toString(16)}\r\n${claimed}\r\n`

/** Faults of the network, and the reasons that they may be told as: the clients don't see all of them alike. */
const faults: ReadonlyArray<readonly [name: string, step: Step, reasons: ReadonlyArray<string>]> = [
  ["RST on accept", "resetOnAccept", ["reset"]],
  ["FIN on accept", "finOnAccept", ["reset"]],
  ["RST after the request", reset, ["reset"]],
  ["FIN without a byte", fin, ["reset"]],
  ["FIN within the head", thenFin(raw("HTTP/1.1 200 OK\r\nContent-Le")), ["reset", "connection"]],
  ["a body cut off by FIN", thenFin(raw("HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n{")), ["reset"]],
  ["chunks without the last one", thenFin(raw(cutChunks)), ["reset"]],
  ["chunks of no size", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"), ["reset"]],
  ["no HTTP at all", thenFin(raw("220 smtp.example ESMTP\r\n")), ["connection", "reset"]]
]

for (const client of clients) {
  describe(`the network, ${client.name}`, () => {
    for (const [name, step, reasons] of faults) {
      it.scoped(`cases 7 and 8: ${name} is PlexUnavailable, for each operation`, () =>
        Effect.gen(function* () {
          const { run } = yield* bench({ client, script: [step, step, step] })
          for (const [, call] of operations) {
            const error = yield* errorOf(yield* run(once(call)))
            assert.strictEqual(error._tag, "PlexUnavailable")
            if (error._tag === "PlexUnavailable") {
              assert.include(reasons, error.reason)
              assert.match(error.detail ?? "NONE", /^[A-Z_]{1,40}$/)
              assert.isUndefined(error.status)
            }
          }
        })
      )
    }

    it.scoped("case 7: a port that nobody listens on is refused", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [reset] })
        yield* server.stop
        assert.deepStrictEqual(encoded(yield* errorOf(yield* run(once(getToken)))), {
          _tag: "PlexUnavailable",
          operation: "PlexAuth.getToken",
          reason: "refused",
          detail: "ECONNREFUSED"
        })
        yield* server.start
      })
    )

    it.scoped("case 24: a POST whose answer is lost is not sent again", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [reset, reset, json(pinBody(), { status: 201 })] })
        assert.strictEqual((yield* errorOf(yield* run(createPin)))._tag, "PlexUnavailable")
        assert.lengthOf(server.requests, 1)
        assert.strictEqual(yield* TestClock.currentTimeMillis, 0)
      })
    )

    const slow: ReadonlyArray<readonly [name: string, step: Step]> = [
      ["case 25: silence", silence],
      ["case 25: half of a head", thenSilence(raw("HTTP/1.1 200 OK\r\nContent-"))],
      ["case 26: a body that drips", drip("500 millis", { body: claimed })],
      ["case 26: a body that stops", thenSilence(raw(`HTTP/1.1 200 OK\r\nContent-Length: ${claimed.length}\r\n\r\n{`))],
      [
        "threat 8: a head that drips",
        (exchange) =>
          Effect.forEach(
            Array.from("HTTP/1.1 200 OK\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            (character) => Effect.zipRight(exchange.hold(Effect.sleep("500 millis")), exchange.write(character)),
            { discard: true }
          )
      ]
    ]
    for (const [name, step] of slow) {
      it.scoped(`${name}: ends after 10 s, the body included, and the socket is closed`, () =>
        Effect.gen(function* () {
          const { run, server } = yield* bench({ client, script: [step] })
          assert.deepStrictEqual(encoded(yield* errorOf(yield* run(once(getToken)))), {
            _tag: "PlexUnavailable",
            operation: "PlexAuth.getToken",
            reason: "timeout"
          })
          assert.strictEqual(yield* TestClock.currentTimeMillis, 10_000)
          yield* Deferred.await(at(server.requests, 0).closed)
        })
      )
    }

    const refused: ReadonlyArray<readonly [name: string, step: Step, expected: Readonly<Record<string, unknown>>]> = [
      [
        "a refusal",
        thenSilence(raw("HTTP/1.1 503 No\r\nContent-Length: 50\r\n\r\n<")),
        { _tag: "PlexUnavailable", reason: "status", status: 503 }
      ],
      [
        "a redirect",
        thenSilence(raw("HTTP/1.1 302 No\r\nContent-Length: 50\r\n\r\n<")),
        { _tag: "InvalidResponse", reason: "redirect", status: 302, paths: [] }
      ],
      [
        "a refusal that drips",
        drip("300 millis", { status: 401, body: "x".repeat(100) }),
        { _tag: "Unauthorized", status: 401 }
      ]
    ]
    for (const [name, step, expected] of refused) {
      it.scoped(
        `case 26: ${name} whose body stops is told by its status after a second, and the socket is closed`,
        () =>
          Effect.gen(function* () {
            const { run, server } = yield* bench({ client, script: [step] })
            const error = yield* errorOf(yield* run(once(getToken)))
            assert.deepStrictEqual(encoded(error), { ...expected, operation: "PlexAuth.getToken" })
            assert.strictEqual(yield* TestClock.currentTimeMillis, 1000)
            yield* Deferred.await(at(server.requests, 0).closed)
          })
      )
    }

    it.scoped("case 25: an answer in time is taken, one a moment later is not", () =>
      Effect.gen(function* () {
        const script = [later("9999 millis", json(claimed)), later("10001 millis", json(claimed))]
        const { run } = yield* bench({ client, script })
        yield* valueOf(yield* run(once(getToken)))
        assert.strictEqual((yield* errorOf(yield* run(once(getToken))))._tag, "PlexUnavailable")
      })
    )

    it.scoped("case 25: each operation has the timeout", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [silence] })
        yield* errorOf(yield* run(once(createPin)))
        assert.strictEqual(yield* TestClock.currentTimeMillis, 10_000)
        yield* errorOf(yield* run(once(account)))
        assert.strictEqual(yield* TestClock.currentTimeMillis, 20_000)
        assert.lengthOf(server.requests, 2)
      })
    )

    it.scoped("the request timeout can be set under the layer and around a call, and the call wins", () =>
      Effect.gen(function* () {
        const { run } = yield* bench({ client, script: [silence], policy: { requestTimeout: "3 seconds" } })
        assert.strictEqual((yield* errorOf(yield* run(once(getToken))))._tag, "PlexUnavailable")
        assert.strictEqual(yield* TestClock.currentTimeMillis, 3000)
        const quick = PlexAuthPolicy.with({ requestTimeout: "1 second" })(once(getToken))
        assert.strictEqual((yield* errorOf(yield* run(quick)))._tag, "PlexUnavailable")
        assert.strictEqual(yield* TestClock.currentTimeMillis, 4000)
      })
    )

    const inFlight: ReadonlyArray<readonly [name: string, step: Step]> = [
      ["before a byte", silence],
      ["within the head", thenSilence(raw("HTTP/1.1 200 OK\r\n"))],
      ["within the body", thenSilence(raw(`HTTP/1.1 200 OK\r\nContent-Length: ${claimed.length}\r\n\r\n{"authToken":`))]
    ]
    for (const [name, step] of inFlight) {
      for (const [what, call] of operations) {
        it.scoped(
          `case 31: ${what} interrupted in flight, ${name}: the socket is closed, and it is an interruption`,
          () =>
            Effect.gen(function* () {
              const { fork, server } = yield* bench({ client, script: [step] })
              const fiber = yield* fork(once(call))
              const request = yield* server.next
              yield* until(server.holding)
              yield* Effect.repeatN(turn, 5)
              const exit = yield* Fiber.interrupt(fiber)
              assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause), String(exit))
              yield* Deferred.await(request.closed)
              assert.lengthOf(server.requests, 1)
            })
        )
      }
    }

    it.scoped("case 31: a wait interrupted in flight closes the socket, and asks no more", () =>
      Effect.gen(function* () {
        const { drive, fork, run, server } = yield* bench({
          client,
          script: [json(pinBody(), { status: 201 }), silence]
        })
        const pin = yield* valueOf(yield* run(SignIn.start()))
        const fiber = yield* fork(SignIn.wait(pin))
        yield* drive(fiber, () => server.requests.length === 2)
        const exit = yield* Fiber.interrupt(fiber)
        assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause), String(exit))
        yield* Deferred.await(at(server.requests, 1).closed)
        yield* TestClock.adjust("60 seconds")
        yield* Effect.repeatN(turn, 10)
        assert.lengthOf(server.requests, 2)
      })
    )

    it.scoped("case 31: a request that is interrupted as it is made leaves nothing behind", () =>
      Effect.gen(function* () {
        const { fork, run, server } = yield* bench({ client, script: [json(claimed)] })
        const fiber = yield* fork(once(getToken))
        const exit = yield* Fiber.interrupt(fiber)
        assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause), String(exit))
        yield* valueOf(yield* run(once(getToken)))
        assert.isAtMost(server.requests.length, 2)
      })
    )

    for (const status of [301, 302, 303, 307, 308]) {
      it.scoped(`case 28, threat 6: a redirect (${status}) is not followed, wherever it leads`, () =>
        Effect.gen(function* () {
          const other = yield* rawServer(json(claimed))
          const port = `:${other.port}/api/v2/pins/${pinID}`
          const targets = [
            `http://localhost${port}`,
            `http://127.0.0.1${port}`,
            `https://127.0.0.1${port}`,
            `//127.0.0.1${port}`,
            `http://plex.tv@127.0.0.1${port}`,
            `/api/v2/pins/${pinID}`,
            "",
            "http://[::1",
            "javascript:alert(1)"
          ]
          const script = targets.map((target) => respond({ status, headers: { Location: target }, body: claimed }))
          const { run, server } = yield* bench({ client, script })
          for (const target of targets) {
            const error = yield* errorOf(yield* run(once(getToken)))
            assert.deepStrictEqual(
              error._tag === "InvalidResponse" ? [error.reason, error.status] : error,
              ["redirect", status],
              target
            )
          }
          assert.lengthOf(server.requests, targets.length)
          assert.strictEqual(other.connections(), 0)
        })
      )
    }

    it.scoped("case 28: the token goes to the server that was asked alone", () =>
      Effect.gen(function* () {
        const other = yield* rawServer(json(claimed))
        const { run, server } = yield* bench({
          client,
          script: [respond({ status: 307, headers: { Location: `${other.baseUrl}/user` } })]
        })
        assert.strictEqual((yield* errorOf(yield* run(once(account))))._tag, "InvalidResponse")
        assert.deepStrictEqual(header(at(server.requests, 0), "x-plex-token"), [Redacted.value(token)])
        assert.strictEqual(other.connections(), 0)
      })
    )

    it.scoped("unread bodies are let go: many refusals leave one connection", () =>
      Effect.gen(function* () {
        const refusals = [302, 400, 404, 429, 500, 503].map((status) => respond({ status, body: "x".repeat(100_000) }))
        const { run, server } = yield* bench({ client, script: [...refusals, json(claimed)] })
        for (const _ of refusals) yield* errorOf(yield* run(once(getToken)))
        yield* valueOf(yield* run(once(getToken)))
        assert.strictEqual(server.connections(), 1)
      })
    )
  })
}

const pauses = ({ requests }: RawServer) =>
  requests.slice(1).map(({ at: time }, i) => time - at(requests, i).answeredAt)

const transient = {
  "503": html(503),
  "524": html(524),
  "408": html(408),
  "429": html(429),
  RST: reset,
  FIN: fin,
  silence: silence,
  "a cut body": thenFin(raw("HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n{"))
}

const final = {
  "case 18: 404": plexError(404, 1020, "Code not found or expired"),
  "case 22: 400": plexError(400, 1000, "X-Plex-Client-Identifier is missing"),
  "case 23: 401": html(401),
  "case 23: 403": html(403),
  "498": html(498),
  "case 28: 302": html(302),
  "case 9: a page": html(200),
  "case 17: a token that is none": json(pinBody({ authToken: true }))
}

const seconds = (value: string) => html(429, { headers: { "Retry-After": value } })

for (const client of clients) {
  describe(`retry, ${client.name}`, () => {
    for (const [name, step] of Object.entries(transient)) {
      it.scoped(`threat 15: ${name} for ever: three attempts, half a second and a second apart`, () =>
        Effect.gen(function* () {
          const { run, server } = yield* bench({ client, script: [step] })
          const error = yield* errorOf(yield* run(getToken))
          assert.include(["PlexUnavailable", "RateLimited"], error._tag)
          const [first = 0, second = 0, ...more] = pauses(server)
          assert.isEmpty(more)
          assert.isTrue(first >= 400 && first <= 600, `${first} ms`)
          assert.isTrue(second >= 800 && second <= 1200, `${second} ms`)
        })
      )

      it.scoped(`case 7: ${name} twice, and then an answer`, () =>
        Effect.gen(function* () {
          const { run, server } = yield* bench({ client, script: [step, step, json(claimed)] })
          const answer = yield* valueOf(yield* run(getToken))
          assert.deepStrictEqual(Option.map(answer.authToken, Redacted.value), Option.some("TOK"))
          assert.lengthOf(server.requests, 3)
        })
      )
    }

    it.scoped("account is tried again too", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [html(503), reset, json(accountBody())] })
        assert.strictEqual((yield* valueOf(yield* run(account))).id, 7)
        assert.lengthOf(server.requests, 3)
      })
    )

    for (const [name, step] of Object.entries(final)) {
      it.scoped(`${name} is not tried again`, () =>
        Effect.gen(function* () {
          const { run, server } = yield* bench({ client, script: [step, json(claimed)] })
          yield* errorOf(yield* run(getToken))
          assert.lengthOf(server.requests, 1)
          assert.strictEqual(yield* TestClock.currentTimeMillis, 0)
        })
      )
    }

    it.scoped("case 24: createPin is never sent again, whatever the fault and the policy", () =>
      Effect.gen(function* () {
        const steps = Object.values(transient)
        const policy = { retry: Schedule.recurs(5) }
        const { run, server } = yield* bench({ client, script: steps, policy })
        for (const [i] of steps.entries()) {
          yield* errorOf(yield* run(createPin))
          assert.lengthOf(server.requests, i + 1)
        }
      })
    )

    it.scoped("case 3: Retry-After is a lower bound of the pause", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [seconds("30"), seconds("0"), json(claimed)] })
        yield* valueOf(yield* run(getToken))
        const [first = 0, second = 0] = pauses(server)
        assert.strictEqual(first, 30_000)
        assert.isTrue(second >= 800 && second <= 1200, `${second} ms`)
      })
    )

    it.scoped("case 3: Retry-After as a date is one too, and that of a 503", () =>
      Effect.gen(function* () {
        const headers = { Date: "Fri, 24 Jul 2026 10:00:00 GMT", "Retry-After": "Fri, 24 Jul 2026 10:00:20 GMT" }
        const script = [html(429, { headers }), html(503, { headers: { "Retry-After": "7" } }), json(claimed)]
        const { run, server } = yield* bench({ client, script })
        yield* valueOf(yield* run(getToken))
        assert.deepStrictEqual(pauses(server), [20_000, 7_000])
      })
    )

    it.scoped("case 5: a Retry-After over the limit comes out at once", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [seconds("61"), json(claimed)] })
        assert.strictEqual((yield* errorOf(yield* run(getToken)))._tag, "RateLimited")
        assert.lengthOf(server.requests, 1)
        assert.strictEqual(yield* TestClock.currentTimeMillis, 0)
      })
    )

    it.scoped("case 5: the limit can be set around a call", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [seconds("61"), json(claimed)] })
        yield* valueOf(yield* run(PlexAuthPolicy.with({ retryAfterLimit: "2 minutes" })(getToken)))
        assert.deepStrictEqual(pauses(server), [61_000])
      })
    )

    it.scoped("the schedule can be set under the layer and around a call, and the call wins", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [html(503)], policy: { retry: Schedule.recurs(1) } })
        yield* errorOf(yield* run(getToken))
        assert.lengthOf(server.requests, 2)
        yield* errorOf(yield* run(PlexAuthPolicy.with({ retry: Schedule.stop })(getToken)))
        assert.lengthOf(server.requests, 3)
      })
    )
  })
}
