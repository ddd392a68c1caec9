import { assert, describe, it } from "@effect/vitest"
import { PinExpired, SignIn } from "@plex-auth/core"
import type { PlexAuth } from "@plex-auth/core"
import { Duration, Effect, Fiber, Redacted, Schedule, TestClock } from "effect"
import type { Exit } from "effect"
import { at, bench, clients, errorOf, header, turn, unhurried, valueOf } from "../support/testBench.js"
import type { Call } from "../support/testBench.js"
import { pinBody } from "../support/bodies.js"
import type { RawServer } from "../support/rawServer.js"
import {
  drip,
  fin,
  html,
  json,
  later,
  page,
  plexError,
  raw,
  reset,
  respond,
  silence,
  thenFin,
  thenSilence
} from "../support/steps.js"

const created = (fields: Readonly<Record<string, unknown>> = {}) => json(pinBody(fields), { status: 201 })
const pending = json(pinBody())
const claimed = json(pinBody({ authToken: "TOK" }))

const signIn = Effect.flatMap(SignIn.start(), SignIn.wait)

/** Each pause between the end of one request and the arrival of the next, as the server sees them. */
const pauses = ({ requests }: RawServer) =>
  requests.slice(1).map(({ at: time }, i) => time - at(requests, i).answeredAt)

const tokenOf = <E>(exit: Exit.Exit<Redacted.Redacted, E>) => Effect.map(valueOf(exit), Redacted.value)

const statuses = [500, 502, 503, 504, 520, 522, 524]

for (const client of clients) {
  describe(`waiting, ${client.name}`, () => {
    it.scoped("case 1: three looks without a token, then one with it, and no request after that", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [created(), pending, pending, pending, claimed] })
        assert.strictEqual(yield* tokenOf(yield* run(signIn)), "TOK")

        const [post, ...gets] = server.requests
        assert.strictEqual(post?.method, "POST")
        assert.lengthOf(gets, 4)
        for (const get of gets) {
          assert.strictEqual(get.method, "GET")
          assert.strictEqual(get.target, "/api/v2/pins/1272322473")
          assert.deepStrictEqual(header(get, "accept"), ["application/json"])
          assert.deepStrictEqual(
            header(get, "x-plex-client-identifier"),
            header(at(server.requests, 0), "x-plex-client-identifier")
          )
          assert.deepStrictEqual(header(get, "x-plex-client-identifier"), ["raw-bytes-client"])
        }
        yield* TestClock.adjust("60 seconds")
        yield* Effect.repeatN(turn, 10)
        assert.lengthOf(server.requests, 5)
      })
    )

    it.scoped("case 2: no look comes less than a second after the answer before it was sent", () =>
      Effect.gen(function* () {
        const slow = later("400 millis", pending)
        const script = [created(), ...Array.from({ length: 19 }, () => slow), later("400 millis", claimed)]
        const { run, server } = yield* bench({ client, script })
        assert.strictEqual(yield* tokenOf(yield* run(signIn)), "TOK")
        const gaps = pauses(server)
        assert.lengthOf(gaps, 20)
        for (const gap of gaps) assert.isTrue(gap >= 1000 && gap <= unhurried, `${gap} ms`)
      })
    )

    it.scoped("case 3: Retry-After is honoured, and the interval stays wider", () =>
      Effect.gen(function* () {
        const limited = plexError(429, 1003, "Too many requests", { headers: { "Retry-After": "2" } })
        const script = [created(), pending, limited, pending, pending, pending, claimed]
        const { run, server } = yield* bench({ client, script })
        assert.strictEqual(yield* tokenOf(yield* run(signIn)), "TOK")
        const [first = 0, second = 0, ...after] = pauses(server)
        assert.isAtMost(Math.max(first, second), unhurried)
        assert.lengthOf(after, 4)
        for (const gap of after) assert.isAtLeast(gap, 2000)
      })
    )

    it.scoped("case 3: Retry-After as a date is honoured, told by the answer's own Date", () =>
      Effect.gen(function* () {
        const headers = { Date: "Fri, 24 Jul 2026 10:00:00 GMT", "Retry-After": "Fri, 24 Jul 2026 10:00:20 GMT" }
        const { run, server } = yield* bench({ client, script: [created(), html(429, { headers }), claimed] })
        assert.strictEqual(yield* tokenOf(yield* run(signIn)), "TOK")
        const gap = at(pauses(server), 1)
        assert.isTrue(gap >= 20_000 && gap < 25_000, `${gap} ms`)
      })
    )

    it.scoped("case 4: 429 without Retry-After backs off by itself", () =>
      Effect.gen(function* () {
        const limited = html(429)
        const { run, server } = yield* bench({ client, script: [created(), limited, limited, limited, claimed] })
        assert.strictEqual(yield* tokenOf(yield* run(signIn)), "TOK")
        const [first = 0, ...after] = pauses(server)
        assert.isTrue(first >= 1000 && first <= unhurried, `${first} ms`)
        assert.lengthOf(after, 3)
        for (const [i, gap] of after.entries()) assert.isTrue(gap > at([first, ...after], i), `${gap} ms, number ${i}`)
      })
    )

    it.scoped("case 5: Retry-After beyond the PIN's life ends the wait with it", () =>
      Effect.gen(function* () {
        const limited = plexError(429, 1003, "", { headers: { "Retry-After": "86400" } })
        const { run, server } = yield* bench({
          client,
          script: [created({ expiresIn: 60 }), pending, limited, claimed]
        })
        const error = yield* errorOf(yield* run(signIn))
        assert.strictEqual(error._tag, "RateLimited")
        const wait = error._tag === "RateLimited" ? error.retryAfter : undefined
        assert.strictEqual(wait === undefined ? undefined : Duration.toSeconds(wait), 86400)
        assert.isAtMost(yield* TestClock.currentTimeMillis, 60_000)
        assert.lengthOf(server.requests, 3)
      })
    )

    it.scoped("case 6: an edge in trouble is survived, and is no expired PIN", () =>
      Effect.gen(function* () {
        const script = [created(), ...statuses.map((status) => html(status)), claimed]
        const { run, server } = yield* bench({ client, script })
        assert.strictEqual(yield* tokenOf(yield* run(signIn)), "TOK")
        const [, ...after] = pauses(server)
        assert.lengthOf(after, statuses.length)
        for (const gap of after) assert.isAbove(gap, unhurried)
      })
    )

    it.scoped("case 9: a captive portal until the deadline is told, and its page is not", () =>
      Effect.gen(function* () {
        const { run } = yield* bench({ client, script: [created({ expiresIn: 60 }), html(200)] })
        const error = yield* errorOf(yield* run(signIn))
        assert.instanceOf(error, PinExpired)
        const trouble = error instanceof PinExpired ? error.lastTrouble : undefined
        assert.deepStrictEqual(
          trouble?._tag === "InvalidResponse"
            ? [trouble.reason, trouble.status, trouble.contentType, trouble.length]
            : undefined,
          ["notJson", 200, "text/html", page.length]
        )
        assert.include(error.message, "text/html")
        assert.notInclude(JSON.stringify(error) + String(error), "log in.")
      })
    )

    it.scoped("case 18: a PIN that plex.tv does not know ends the wait with one request", () =>
      Effect.gen(function* () {
        const gone = plexError(404, 1020, "Code not found or expired")
        const { run, server } = yield* bench({ client, script: [created(), gone, claimed] })
        const error = yield* errorOf(yield* run(signIn))
        assert.strictEqual(error._tag, "PinNotFound")
        assert.lengthOf(server.requests, 2)
        yield* TestClock.adjust("60 seconds")
        yield* Effect.repeatN(turn, 10)
        assert.lengthOf(server.requests, 2)
      })
    )

    it.scoped("case 19: nobody claims it: PinExpired at the deadline, and no request after it", () =>
      Effect.gen(function* () {
        const poll = Schedule.spaced("70 seconds")
        const { run, server } = yield* bench({
          client,
          script: [created({ expiresIn: 300 }), pending],
          policy: { poll }
        })
        const error = yield* errorOf(yield* run(signIn))
        assert.instanceOf(error, PinExpired)
        assert.strictEqual(error instanceof PinExpired ? error.looks : 0, 5)
        assert.strictEqual(yield* TestClock.currentTimeMillis, 300_000)
        assert.strictEqual(server.requests.at(-1)?.at, 300_000)
        assert.lengthOf(server.requests, 6)
        yield* TestClock.adjust("1 hour")
        yield* Effect.repeatN(turn, 10)
        assert.lengthOf(server.requests, 6)
      })
    )

    it.scoped("case 25: silence until the deadline: the wait ends no later than a request after it", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [created({ expiresIn: 60 }), silence] })
        const error = yield* errorOf(yield* run(signIn))
        assert.instanceOf(error, PinExpired)
        const trouble = error instanceof PinExpired ? error.lastTrouble : undefined
        assert.strictEqual(trouble?._tag === "PlexUnavailable" ? trouble.reason : undefined, "timeout")
        assert.isAtMost(yield* TestClock.currentTimeMillis, 70_000)
        for (const { answeredAt, at: begun } of server.requests.slice(1)) assert.strictEqual(answeredAt - begun, 10_000)
      })
    )

    const terminal: ReadonlyArray<readonly [string, typeof pending, PlexAuth.GetTokenError["_tag"]]> = [
      [
        "case 22: 400 with code 1000",
        plexError(400, 1000, "X-Plex-Client-Identifier is missing"),
        "ClientIdentifierMissing"
      ],
      [
        "case 22: 422 with code 1000",
        plexError(422, 1000, "X-Plex-Client-Identifier is missing"),
        "ClientIdentifierMissing"
      ],
      ["case 23: 401", plexError(401, 1001, "User could not be authenticated"), "Unauthorized"],
      ["case 23: 403", html(403), "Rejected"],
      ["case 23: 400 with an unknown code", plexError(400, 4711, "Something new"), "Rejected"],
      ["498", plexError(498, 1001, "Token expired"), "TokenExpired"]
    ]
    for (const [name, step, tag] of terminal) {
      it.scoped(`threat 15: ${name} ends the wait with one request`, () =>
        Effect.gen(function* () {
          const { run, server } = yield* bench({ client, script: [created(), step, claimed] })
          assert.strictEqual((yield* errorOf(yield* run(signIn)))._tag, tag)
          assert.lengthOf(server.requests, 2)
        })
      )
    }

    it.scoped("threat 15: a server in trouble for the whole of a PIN's life gets few requests", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [created({ expiresIn: 300 }), html(503)] })
        const error = yield* errorOf(yield* run(signIn))
        assert.instanceOf(error, PinExpired)
        assert.isAtMost(server.requests.length, 40)
        assert.isAtLeast(server.requests.length, 15)
      })
    )
  })
}

/** Each pause between two calls. Some connections never get as far as a request, so the server can't tell. */
const pausesOfCalls = (calls: ReadonlyArray<Call>) =>
  calls.slice(1).map(({ begunAt }, i) => begunAt - at(calls, i).endedAt)

const chunked = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

const whole = pinBody({ authToken: "CUT" })

const half = pinBody({ authToken: "CUT" }).slice(0, -20)

/** Faults that one look meets, after which the next look is answered. */
const faults: Readonly<Record<string, typeof reset>> = {
  "RST after the request": reset,
  "FIN without a byte": fin,
  "FIN within the head": thenFin(raw("HTTP/1.1 200 OK\r\nContent-Ty")),
  "RST within the body": (exchange) =>
    Effect.zipRight(raw("HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n{")(exchange), reset(exchange)),
  "no HTTP at all": thenFin(raw("220 smtp.example ESMTP\r\n")),
  "case 8: 40 of 600 bytes": thenFin(raw(`HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n${pinBody().slice(0, 40)}`)),
  "case 8: chunked without its last chunk": thenFin(raw(`${chunked}${whole.length.toString(16)}\r\n${whole}\r\n`)),
  "case 8: chunked and cut within a chunk": thenFin(raw(`${chunked}${whole.length.toString(16)}\r\n${half}`)),
  "case 9: a captive portal's page": html(200),
  "case 10: an empty body": json(""),
  "case 10: 204": respond({ status: 204 }),
  "case 10: null": json("null"),
  "case 10: []": json("[]"),
  'case 10: "x"': json('"x"'),
  "case 10: 1": json("1"),
  "case 10: half of the JSON with a right Content-Length": json(half),
  "case 17: a token that is none": json(pinBody({ authToken: 12345 })),
  "case 25: silence": silence,
  "case 26: a body that drips": drip("500 millis", { body: whole }),
  "case 26: a body that stops": thenSilence(raw(`HTTP/1.1 200 OK\r\nContent-Length: ${whole.length}\r\n\r\n{`)),
  "case 28: a redirect": respond({ status: 302, headers: { Location: "/api/v2/pins/1" } })
}

for (const client of clients) {
  describe(`a fault on the way, ${client.name}`, () => {
    for (const [name, step] of Object.entries(faults)) {
      const title = name.startsWith("case") ? name : `case 7: ${name}`
      it.scoped(`${title}: is survived, and the interval is wider`, () =>
        Effect.gen(function* () {
          const { calls, run, server } = yield* bench({ client, script: [created(), step, claimed] })
          assert.strictEqual(yield* tokenOf(yield* run(signIn)), "TOK")
          assert.lengthOf(server.requests, 3)
          const [first = 0, second = 0, ...rest] = pausesOfCalls(calls)
          assert.isEmpty(rest)
          assert.isAtMost(first, unhurried)
          assert.isAbove(second, unhurried)
        })
      )
    }

    for (const step of ["resetOnAccept", "finOnAccept"] as const) {
      it.scoped(`case 7: ${step} is survived, and the interval is wider`, () =>
        Effect.gen(function* () {
          const first = json(pinBody(), { status: 201, close: true })
          const { calls, run, server } = yield* bench({ client, script: [first, step, claimed] })
          assert.strictEqual(yield* tokenOf(yield* run(signIn)), "TOK")
          assert.lengthOf(server.requests, 2)
          assert.lengthOf(calls, 3)
          assert.isAbove(at(pausesOfCalls(calls), 1), unhurried)
        })
      )
    }

    it.scoped("case 7: a port that nobody listens on is survived, and the interval is wider", () =>
      Effect.gen(function* () {
        const { calls, drive, fork, run, server } = yield* bench({ client, script: [created(), claimed] })
        const pin = yield* valueOf(yield* run(SignIn.start()))
        yield* server.stop
        const fiber = yield* fork(SignIn.wait(pin))
        yield* drive(fiber, () => calls.length === 3)
        assert.lengthOf(server.requests, 1)
        yield* server.start
        yield* drive(fiber)
        assert.strictEqual(yield* tokenOf(yield* Fiber.await(fiber)), "TOK")
        const [, second = 0, third = 0, ...rest] = pausesOfCalls(calls)
        assert.isEmpty(rest)
        assert.isTrue(second > unhurried && third > second, `${second} ms, ${third} ms`)
      })
    )

    it.scoped("case 7: a kept connection that the server closed while nobody looked is no fault", () =>
      Effect.gen(function* () {
        const { calls, run, server } = yield* bench({ client, script: [thenFin(created()), thenFin(pending), claimed] })
        assert.strictEqual(yield* tokenOf(yield* run(signIn)), "TOK")
        assert.lengthOf(server.requests, 3)
        for (const gap of pausesOfCalls(calls)) assert.isAtMost(gap, unhurried)
      })
    )

    it.scoped("case 7: a kept connection that is closed as the next look arrives is survived", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [created(), pending, fin, claimed] })
        assert.strictEqual(yield* tokenOf(yield* run(signIn)), "TOK")
        const [post, , stale, last] = server.requests
        assert.strictEqual(stale?.connection, post?.connection)
        assert.notStrictEqual(last?.connection, stale?.connection)
      })
    )
  })
}
