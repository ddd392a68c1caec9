import { assert, describe, it } from "@effect/vitest"
import { PlexAuthPolicy } from "@plex-auth/core"
import { Effect, Option, Redacted, Schedule, TestClock } from "effect"
import { account, at, bench, clients, createPin, errorOf, getToken, valueOf } from "../support/bench.js"
import { accountBody, pinBody } from "../support/bodies.js"
import type { RawServer } from "../support/rawServer.js"
import { fin, html, json, plexError, raw, reset, silence, thenFin } from "../support/steps.js"

const claimed = json(pinBody({ authToken: "TOK" }))

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
          const { run, server } = yield* bench({ client, script: [step, step, claimed] })
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
          const { run, server } = yield* bench({ client, script: [step, claimed] })
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
        const { run, server } = yield* bench({ client, script: [seconds("30"), seconds("0"), claimed] })
        yield* valueOf(yield* run(getToken))
        const [first = 0, second = 0] = pauses(server)
        assert.strictEqual(first, 30_000)
        assert.isTrue(second >= 800 && second <= 1200, `${second} ms`)
      })
    )

    it.scoped("case 3: Retry-After as a date is one too, and that of a 503", () =>
      Effect.gen(function* () {
        const headers = { Date: "Fri, 24 Jul 2026 10:00:00 GMT", "Retry-After": "Fri, 24 Jul 2026 10:00:20 GMT" }
        const script = [html(429, { headers }), html(503, { headers: { "Retry-After": "7" } }), claimed]
        const { run, server } = yield* bench({ client, script })
        yield* valueOf(yield* run(getToken))
        assert.deepStrictEqual(pauses(server), [20_000, 7_000])
      })
    )

    it.scoped("case 5: a Retry-After over the limit comes out at once", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [seconds("61"), claimed] })
        assert.strictEqual((yield* errorOf(yield* run(getToken)))._tag, "RateLimited")
        assert.lengthOf(server.requests, 1)
        assert.strictEqual(yield* TestClock.currentTimeMillis, 0)
      })
    )

    it.scoped("case 5: the limit can be set around a call", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [seconds("61"), claimed] })
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
