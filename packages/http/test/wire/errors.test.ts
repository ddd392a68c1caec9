/** The error table: what each answer that is no success means to each operation. */
import { assert, describe, it } from "@effect/vitest"
import { SignIn } from "@plex-auth/core"
import { Effect } from "effect"
import { bench, clients, createPin, errorOf, getToken, once, operations } from "../support/bench.js"
import { encoded } from "../support/encoded.js"
import { html, json, plexError, reset, respond } from "../support/steps.js"
import type { Response } from "../support/steps.js"

type Expected = Readonly<Record<string, unknown>>

/** An answer, and what each operation fails with; where one error is given, all of them do with that. */
interface Row {
  readonly name: string
  readonly step: typeof reset
  readonly expected: Readonly<Record<"createPin" | "getToken" | "account", Expected>>
}

const row = (name: string, step: typeof reset, all: Expected, of: Partial<Row["expected"]> = {}): Row => ({
  name,
  step,
  expected: { createPin: all, getToken: all, account: all, ...of }
})

const of = (expected: Expected, operation: string) => ({ ...expected, operation: `PlexAuth.${operation}` })

const notFound = (name: string, step: typeof reset, code: Expected = {}, reason: Expected = {}): Row =>
  row(
    name,
    step,
    { _tag: "Rejected", status: 404, ...code, ...reason },
    {
      getToken: {
        _tag: "PinNotFound",
        status: 404,
        ...code,
        reasons: ["expired", "unknown", "otherClientIdentifier"]
      }
    }
  )

const xml = (status: number, body: string): typeof reset =>
  respond({
    status,
    headers: { "Content-Type": "application/xml" },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`
  })

const headers = (fields: Readonly<Record<string, string>>): Response => ({ headers: fields })

const limited = (retryAfter?: number): Expected => ({
  _tag: "RateLimited",
  status: 429,
  ...(retryAfter === undefined ? {} : { retryAfter })
})

const inTrouble = (status: number, more: Expected = {}): Expected => ({
  _tag: "PlexUnavailable",
  reason: "status",
  status,
  ...more
})

const date = "Fri, 24 Jul 2026 10:00:00 GMT"

const later = "Fri, 24 Jul 2026 10:01:30 GMT"

const rows: ReadonlyArray<Row> = [
  row("case 22: 400 with code 1000", plexError(400, 1000, "X-Plex-Client-Identifier is missing"), {
    _tag: "ClientIdentifierMissing",
    status: 400,
    code: 1000
  }),
  row("case 22: 422 with code 1000", plexError(422, 1000, "X-Plex-Client-Identifier is missing"), {
    _tag: "ClientIdentifierMissing",
    status: 422,
    code: 1000
  }),
  row("case 23: 400 with an unknown code", plexError(400, 4711, "Something  new\r\nof theirs"), {
    _tag: "Rejected",
    status: 400,
    code: 4711,
    reason: "Something new of theirs"
  }),
  row("400 without a body", respond({ status: 400 }), { _tag: "Rejected", status: 400 }),
  row("case 23: 401", plexError(401, 1001, "User could not be authenticated"), {
    _tag: "Unauthorized",
    status: 401,
    code: 1001
  }),
  row("case 23: 401 in HTML", html(401), { _tag: "Unauthorized", status: 401 }),
  row("case 23: 403", plexError(403, 1041, "No"), { _tag: "Rejected", status: 403, code: 1041, reason: "No" }),
  row("case 23: 403 in HTML", html(403), { _tag: "Rejected", status: 403 }),
  notFound(
    "case 18: 404 with code 1020",
    plexError(404, 1020, "Code not found or expired"),
    { code: 1020 },
    { reason: "Code not found or expired" }
  ),
  notFound(
    "case 18: 404 with code 1020 in XML",
    xml(404, '<errors><error code="1020" message="Code not found or expired" status="404"/></errors>'),
    { code: 1020 },
    { reason: "Code not found or expired" }
  ),
  notFound("404 in HTML", html(404)),
  notFound("404 without a body", respond({ status: 404 })),
  row("404 with another code", plexError(404, 1013, "Not here"), {
    _tag: "Rejected",
    status: 404,
    code: 1013,
    reason: "Not here"
  }),
  notFound("404 with a code that is a string", json('{"errors":[{"code":"1020"}]}', { status: 404 }), { code: 1020 }),
  notFound("404 with half of a JSON body", json('{"errors":[{"code":1020,"mess', { status: 404 })),
  row("408", html(408), { _tag: "PlexUnavailable", reason: "timeout", status: 408 }),
  row("410", html(410), { _tag: "Rejected", status: 410 }),
  row("418", respond({ status: 418, body: "I am a teapot" }), { _tag: "Rejected", status: 418 }),
  row("422 with Invalid token", plexError(422, 1998, "Invalid token"), {
    _tag: "Unauthorized",
    status: 422,
    code: 1998
  }),
  row("422 with another message", plexError(422, 1008, "Signature verification failed"), {
    _tag: "Rejected",
    status: 422,
    code: 1008,
    reason: "Signature verification failed"
  }),
  row("429 with seconds", plexError(429, 1003, "", headers({ "Retry-After": "30" })), {
    ...limited(30_000),
    code: 1003
  }),
  row("429 with a date", html(429, headers({ Date: date, "Retry-After": later })), limited(90_000)),
  row(
    "429 with a date and no Date",
    html(429, headers({ "Retry-After": "Thu, 01 Jan 1970 00:00:30 GMT" })),
    limited(30_000)
  ),
  row("429 with a date that is over", html(429, headers({ Date: later, "Retry-After": date })), limited(0)),
  row("429 with nonsense", html(429, headers({ "Retry-After": "soon" })), limited()),
  row("429 without Retry-After", html(429), limited()),
  row(
    "498",
    plexError(498, 1001, "Token expired"),
    { _tag: "TokenExpired", status: 498, code: 1001 },
    {
      createPin: { _tag: "Rejected", status: 498, code: 1001, reason: "Token expired" }
    }
  ),
  ...[500, 502, 503, 504, 520, 522, 524].map((status) =>
    row(`case 6: ${status} in HTML`, html(status), inTrouble(status))
  ),
  row("500 with a code", plexError(500, 1007, "Trouble"), inTrouble(500, { code: 1007 })),
  row("503 with Retry-After", html(503, headers({ "Retry-After": "7" })), inTrouble(503, { retryAfter: 7000 })),
  row("599", respond({ status: 599 }), inTrouble(599)),
  notFound("case 8: 404 whose body is cut off", cut(404)),
  row("case 8: 503 whose body is cut off", cut(503), inTrouble(503)),
  ...[301, 302, 303, 307, 308].map((status) =>
    row(`case 28: ${status}`, html(status, headers({ Location: "/api/v2/pins/1" })), {
      _tag: "InvalidResponse",
      reason: "redirect",
      status,
      contentType: "text/html",
      paths: []
    })
  ),
  row("304", respond({ status: 304 }), { _tag: "InvalidResponse", reason: "redirect", status: 304, paths: [] })
]

function cut(status: number): typeof reset {
  const head = `HTTP/1.1 ${status} Scripted\r\nContent-Type: application/json\r\nContent-Length: 600\r\n\r\n`
  return (exchange) =>
    Effect.zipRight(
      exchange.write(`${head}{"errors":[{"co`),
      Effect.sync(() => void exchange.socket.end())
    )
}

for (const client of clients) {
  describe(`the error table, ${client.name}`, () => {
    for (const { expected, name, step } of rows) {
      it.scoped(name, () =>
        Effect.gen(function* () {
          const { run, server } = yield* bench({ client, script: [step] })
          for (const [operation, call] of operations) {
            assert.deepStrictEqual(encoded(yield* errorOf(yield* run(once(call)))), of(expected[operation], operation))
          }
          assert.lengthOf(server.requests, 3)
        })
      )
    }

    it.scoped("case 22: without a client identifier anywhere nothing is sent", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [reset], info: { product: "Raw Bytes" } })
        const missing = { _tag: "ClientIdentifierMissing" }
        assert.deepStrictEqual(encoded(yield* errorOf(yield* run(createPin))), of(missing, "createPin"))
        assert.deepStrictEqual(encoded(yield* errorOf(yield* run(getToken))), of(missing, "getToken"))
        assert.strictEqual(server.connections(), 0)
      })
    )

    it.scoped("case 23: a refused createPin is sent once, by SignIn.start too", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [html(401), html(403)] })
        assert.strictEqual((yield* errorOf(yield* run(SignIn.start())))._tag, "Unauthorized")
        assert.strictEqual((yield* errorOf(yield* run(SignIn.start())))._tag, "Rejected")
        assert.lengthOf(server.requests, 2)
      })
    )
  })
}
