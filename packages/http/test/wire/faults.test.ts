import { assert, describe, it } from "@effect/vitest"
import { SignIn } from "@plex-auth/core"
import { Effect, Fiber, Redacted } from "effect"
import { at, bench, clients, unhurried, valueOf } from "../support/bench.js"
import type { Call } from "../support/bench.js"
import { pinBody } from "../support/bodies.js"
import { drip, fin, html, json, raw, reset, respond, silence, thenFin, thenSilence } from "../support/steps.js"

const created = json(pinBody(), { status: 201 })
const pending = json(pinBody())
const claimed = json(pinBody({ authToken: "TOK" }))

const signIn = Effect.map(Effect.flatMap(SignIn.start(), SignIn.wait), Redacted.value)

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
          const { calls, run, server } = yield* bench({ client, script: [created, step, claimed] })
          assert.strictEqual(yield* valueOf(yield* run(signIn)), "TOK")
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
          assert.strictEqual(yield* valueOf(yield* run(signIn)), "TOK")
          assert.lengthOf(server.requests, 2)
          assert.lengthOf(calls, 3)
          assert.isAbove(at(pausesOfCalls(calls), 1), unhurried)
        })
      )
    }

    it.scoped("case 7: a port that nobody listens on is survived, and the interval is wider", () =>
      Effect.gen(function* () {
        const { calls, drive, fork, run, server } = yield* bench({ client, script: [created, claimed] })
        const pin = yield* valueOf(yield* run(SignIn.start()))
        yield* server.stop
        const fiber = yield* fork(SignIn.wait(pin))
        yield* drive(fiber, () => calls.length === 3)
        assert.lengthOf(server.requests, 1)
        yield* server.start
        yield* drive(fiber)
        assert.strictEqual(Redacted.value(yield* valueOf(yield* Fiber.await(fiber))), "TOK")
        const [, second = 0, third = 0, ...rest] = pausesOfCalls(calls)
        assert.isEmpty(rest)
        assert.isTrue(second > unhurried && third > second, `${second} ms, ${third} ms`)
      })
    )

    it.scoped("case 7: a kept connection that the server closed while nobody looked is no fault", () =>
      Effect.gen(function* () {
        const { calls, run, server } = yield* bench({ client, script: [thenFin(created), thenFin(pending), claimed] })
        assert.strictEqual(yield* valueOf(yield* run(signIn)), "TOK")
        assert.lengthOf(server.requests, 3)
        for (const gap of pausesOfCalls(calls)) assert.isAtMost(gap, unhurried)
      })
    )

    it.scoped("case 7: a kept connection that is closed as the next look arrives is survived", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [created, pending, fin, claimed] })
        assert.strictEqual(yield* valueOf(yield* run(signIn)), "TOK")
        const [post, , stale, last] = server.requests
        assert.strictEqual(stale?.connection, post?.connection)
        assert.notStrictEqual(last?.connection, stale?.connection)
      })
    )
  })
}
