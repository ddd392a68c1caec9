/** What is told of a request, in spans, logs and errors; and canary values through every answer, which show nowhere. */
import { assert, describe, it } from "@effect/vitest"
import { AccessToken, DeviceJwt, DeviceKey, isPlexAuthError, PlexAuth, SignIn } from "@plex-auth/core"
import type { PublicJwk } from "@plex-auth/core"
import { Cause, Effect, Exit, Layer, Option, Redacted, Schema } from "effect"
import { inspect } from "node:util"
import {
  at,
  bench,
  clients,
  deviceKey,
  errorOf,
  getToken,
  keyOperations,
  once,
  operations,
  valueOf
} from "../support/testBench.js"
import { accountBody, pinBody } from "../support/bodies.js"
import { recordingConsole, recordingLogger, recordingTracer } from "../support/recording.js"
import type { RecordedSpan } from "../support/recording.js"
import { fin, html, json, plexError, raw, reset, respond, silence, thenFin, thenSilence } from "../support/steps.js"

/** What must show nowhere. */
const canaries = {
  token: "tOkEn-7cAnArY_9xYzQw",
  jwt: "eyJhbGciOiJFZERTQSJ9.eyJjYW5hcnkiOjF9.c2lnbmF0dXJlQ2FuYXJ5",
  deviceJwt: "eyJhbGciOiJFZERTQSIsImtpZCI6ImsifQ.eyJpc3MiOiJDYW5hcnkifQ.RGV2aWNlU2lnbmF0dXJlQ2FuYXJ5",
  privateKey: "cAnArYdcAnArYdcAnArYdcAnArYdcAnArYdcAnArYd0",
  code: "c0decanary0123456789abcde",
  pinID: "987654321098765",
  clientIdentifier: "5ca1ab1e-cafe-4bad-8bad-canary000001",
  city: "Canaryville",
  coordinates: "12.3456, -65.4321",
  postalCode: "78CAN9"
}

const values = Object.values(canaries)

const found = (text: string) => values.filter((canary) => text.includes(canary))

const accessToken = Schema.decodeSync(AccessToken)(canaries.token)

const signed = Schema.decodeSync(DeviceJwt)(canaries.deviceJwt)

/** The whole of a key, where its public half belongs. */
const publicJwk: PublicJwk = JSON.parse(
  JSON.stringify(Schema.encodeSync(DeviceKey)(new DeviceKey({ ...deviceKey, d: Redacted.make(canaries.privateKey) })))
)

const location = { city: canaries.city, coordinates: canaries.coordinates, postal_code: canaries.postalCode }

const fields = {
  id: Number(canaries.pinID),
  code: canaries.code,
  clientIdentifier: canaries.clientIdentifier,
  location,
  authToken: canaries.token
}

const claimed = pinBody(fields)

const length = `Content-Length: ${claimed.length}`

/** What a server could say about what it was sent. The location is not among it: that is no part of a request. */
const said = [
  canaries.token,
  canaries.jwt,
  canaries.deviceJwt,
  canaries.code,
  canaries.pinID,
  canaries.clientIdentifier
]
  .flatMap((canary) => [
    `No ${canary}`,
    `token=${canary},`,
    `The token "${canary}" is gone`,
    `/pins/${canary}?t=${canary}`
  ])
  .join(" ")

const statuses = [400, 401, 403, 404, 408, 418, 422, 429, 498, 500, 503]

const errorBodies = statuses.flatMap(() => [
  JSON.stringify({ errors: [{ code: 1001, message: said, status: 400 }] }),
  `<errors><error code="1001" message="${said.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}" status="400"/></errors>`
])

const pages = [
  `<html><body>${values.join(" ")}</body></html>`,
  JSON.stringify({ ...fields, errors: [{ code: canaries.pinID, message: { of: canaries.token } }] }),
  JSON.stringify(values),
  JSON.stringify(canaries.token)
]

const headers = {
  "X-Plex-Token": canaries.token,
  "Set-Cookie": `t=${canaries.token}`,
  "Content-Type": "application/json"
}

const refusals = [...errorBodies, ...pages].map((body, i) =>
  respond({ status: statuses[Math.floor(i / 2) % statuses.length] ?? 400, headers, body })
)

const redirects = [301, 302, 303, 307, 308].map((status) =>
  respond({
    status,
    headers: { Location: `https://plex.example/?token=${canaries.token}&id=${canaries.pinID}`, ...headers },
    body: claimed
  })
)

const bodies = [
  claimed,
  pinBody({ ...fields, authToken: null }),
  ...[12345, true, {}, [canaries.token], `${canaries.token} `, `${canaries.token}\r\n`].map((authToken) =>
    pinBody({ ...fields, authToken })
  ),
  ...[undefined, null, -1, `${canaries.pinID}/../x`, {}, [canaries.pinID], canaries.token].map((id) =>
    pinBody({ ...fields, id })
  ),
  ...[undefined, null, {}, [canaries.code], `${canaries.code} ${canaries.code}`].map((code) =>
    pinBody({ ...fields, code })
  ),
  pinBody({ ...fields, expiresIn: canaries.token, createdAt: canaries.token, trusted: canaries.token }),
  accountBody({ id: canaries.pinID, uuid: canaries.token, authToken: canaries.token }),
  accountBody({ id: [canaries.token] }),
  claimed.slice(0, -10),
  claimed.slice(20),
  `${claimed}${claimed}`,
  `\u0000${claimed}`,
  `[${claimed}]`,
  claimed.padEnd(1024 * 1024 + 1, canaries.token),
  ...pages
].map((body) => json(body))

const faults = [
  reset,
  fin,
  thenFin(raw(`HTTP/1.1 200 OK\r\n${length}\r\n\r\n${claimed.slice(0, -10)}`)),
  thenFin(raw(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${claimed.length.toString(16)}\r\n${claimed}\r\n`)),
  thenFin(raw(`HTTP/1.1 200 OK\r\nX-Plex-Token: ${canaries.token}\r\nBad Header ${canaries.token}\r\n\r\n`)),
  thenFin(raw(`HTTP/1.1 ${canaries.token}\r\n\r\n`)),
  thenFin(raw(claimed)),
  thenFin(raw(`HTTP/1.1 200 OK\r\nContent-Type: text/x; ${canaries.token}\r\n\r\n<`)),
  thenFin(raw(`HTTP/1.1 429 OK\r\nRetry-After: ${canaries.token}\r\n\r\n`)),
  silence,
  thenSilence(raw(`HTTP/1.1 200 OK\r\n${length}\r\n\r\n${claimed.slice(0, -10)}`))
]

const everything = [...refusals, ...redirects, ...bodies, ...faults]

/** What an exchange could be answered with, and what a nonce or the keys could be. */
const exchanged = [
  ...[canaries.jwt, `${canaries.jwt} `, [canaries.jwt], { of: canaries.jwt }, `${canaries.jwt}\r\n`].map(
    (auth_token) => ({
      auth_token
    })
  ),
  ...[` ${canaries.jwt}`, [canaries.jwt], { of: canaries.deviceJwt }].map((nonce) => ({ nonce, keys: canaries.jwt })),
  { keys: [{ ...publicJwk, kid: canaries.token }, canaries.jwt] }
].map((body) => json(JSON.stringify(body)))

/** All the ways in which a program may make text of a value. */
const printed = (value: unknown): ReadonlyArray<string> => [
  String(value),
  inspect(value),
  JSON.stringify(value),
  inspect(value, { depth: null, showHidden: true }),
  ...(value instanceof Error ? [value.message, String(value.stack), String(value.cause)] : [])
]

const requestFields = { pinID: canaries.pinID, xPlexClientIdentifier: canaries.clientIdentifier }

const calls = {
  createPin: Effect.flatMap(PlexAuth, (plex) => plex.createPin({ xPlexClientIdentifier: canaries.clientIdentifier })),
  getToken: Effect.flatMap(PlexAuth, (plex) => plex.getToken(requestFields)),
  account: Effect.flatMap(PlexAuth, (plex) => plex.account(accessToken)),
  createPinForKey: Effect.flatMap(PlexAuth, (plex) =>
    plex.createPin({ xPlexClientIdentifier: canaries.clientIdentifier, jwk: publicJwk })
  ),
  getTokenSigned: Effect.flatMap(PlexAuth, (plex) => plex.getToken(requestFields, signed)),
  registerKey: Effect.flatMap(PlexAuth, (plex) => plex.registerKey(accessToken, publicJwk)),
  nonce: Effect.flatMap(PlexAuth, (plex) => plex.nonce),
  exchangeJwt: Effect.flatMap(PlexAuth, (plex) => plex.exchangeJwt(signed)),
  keys: Effect.flatMap(PlexAuth, (plex) => plex.keys)
}

type Run = readonly [name: string, call: Effect.Effect<unknown, unknown, PlexAuth>, script: typeof everything]

const forKeys: ReadonlyArray<Run> = [
  ["createPin for a key", calls.createPinForKey, [...refusals, ...bodies]],
  ["getToken with what a device signed", calls.getTokenSigned, [...refusals, ...bodies, ...faults]],
  ["registerKey", calls.registerKey, [...refusals, ...redirects, ...faults]],
  ["nonce", calls.nonce, [...exchanged, ...refusals.slice(-4)]],
  ["exchangeJwt", calls.exchangeJwt, [...exchanged, ...everything]],
  ["keys", calls.keys, [...exchanged, ...refusals.slice(-4)]]
]

for (const client of clients) {
  describe(`secrets, ${client.name}`, () => {
    // What is no success is judged alike for each; what is made of a body is not.
    const runs: ReadonlyArray<Run> = [
      ["createPin", calls.createPin, [...bodies, ...refusals.slice(0, 4)]],
      ["getToken", calls.getToken, everything],
      ["account", calls.account, [...bodies, ...refusals.slice(-4)]],
      // What these send is all that is new about them, and both clients are given the same.
      ...(client.name === "undici" ? forKeys : [])
    ]
    for (const [name, call, script] of runs) {
      it.scoped(
        `case 40, threats 4 and 5: no canary of any answer shows anywhere, ${name}`,
        () =>
          Effect.gen(function* () {
            const written = yield* recordingConsole
            const { layer: tracer, spans } = recordingTracer()
            const { layer: logger, lines } = recordingLogger()
            const { run, server } = yield* bench({ client, script })
            const leaks: Array<readonly [where: string, canaries: ReadonlyArray<string>, text: string]> = []
            const look = (where: string, text: string) => {
              if (found(text).length > 0) leaks.push([where, found(text), text])
            }

            let failures = 0
            for (let i = 0; i < script.length; i += 1) {
              const observed = call.pipe(
                Effect.tapErrorCause((cause) => Effect.logTrace("It failed", Cause.squash(cause), cause)),
                Effect.tapError((error) => Effect.logError(error)),
                Effect.tap((value) =>
                  Effect.logTrace("It went well").pipe(Effect.annotateLogs({ value: typeof value }))
                ),
                Effect.withSpan("outer"),
                Effect.provide(Layer.merge(tracer, logger))
              )
              const exit = yield* run(once(observed))
              if (Exit.isSuccess(exit)) continue
              failures += 1
              const error = Cause.squash(exit.cause)
              assert.isTrue(isPlexAuthError(error), String(error))
              for (const text of printed(error)) look(`error ${i}`, text)
              for (const text of [Cause.pretty(exit.cause), Cause.pretty(exit.cause, { renderErrorCause: true })]) {
                look(`cause ${i}`, text)
              }
            }

            for (const span of spans) {
              look(`span ${span.name}`, inspect([span.name, span.attributes, span.events, span.links], { depth: null }))
              if (span.status._tag !== "Ended" || Exit.isSuccess(span.status.exit)) continue
              for (const text of printed(span.status.exit)) look(`exit of span ${span.name}`, text)
              look(`cause of span ${span.name}`, Cause.pretty(span.status.exit.cause))
            }
            for (const line of lines) look("log", line)
            for (const item of written)
              look("console", typeof item === "string" ? item : inspect(item, { depth: null }))

            assert.deepStrictEqual(leaks, [])
            // It was looked at something.
            assert.isAtLeast(server.requests.length, script.length - 1)
            assert.isAtLeast(failures, script.length / 2)
            assert.lengthOf(spans, 2 * script.length)
            assert.isAtLeast(lines.length, 3 * script.length)
            assert.isNotEmpty(written)
          }),
        20_000
      )
    }

    it.scoped("case 40: a success shows neither the token, nor the id of a PIN, nor where the user is", () =>
      Effect.gen(function* () {
        const { layer, spans } = recordingTracer()
        const strong = SignIn.start({ strong: true, xPlexClientIdentifier: canaries.clientIdentifier })
        const { run } = yield* bench({ client, script: [json(claimed, { status: 201 }), json(claimed)] })
        const exits = [
          yield* run(Effect.provide(Effect.asSome(strong), layer)),
          yield* run(Effect.provide(calls.getToken, layer))
        ]
        const shown: ReadonlyArray<Exit.Exit<unknown, unknown>> = [
          ...exits,
          ...spans.map(({ status }) => (status._tag === "Ended" ? status.exit : Exit.die("open")))
        ]
        assert.lengthOf(shown, 4)
        for (const exit of shown) {
          assert.isTrue(Exit.isSuccess(exit))
          const seen = [...printed(exit), ...(Exit.isSuccess(exit) ? printed(exit.value) : [])].flatMap(found)
          // Half of the pair that is worth the token: the PIN says whose it is.
          assert.isEmpty(seen.filter((canary) => canary !== canaries.clientIdentifier))
        }
      })
    )

    it.scoped("case 40, threat 5: an exchange that went well shows neither the token nor what was signed for it", () =>
      Effect.gen(function* () {
        const { layer: tracer, spans } = recordingTracer()
        const { layer: logger, lines } = recordingLogger()
        const written = yield* recordingConsole
        const answers = [json(JSON.stringify({ auth_token: canaries.jwt })), json(claimed)]
        const { run } = yield* bench({ client, script: answers })
        const observed = <A, E>(call: Effect.Effect<A, E, PlexAuth>) =>
          call.pipe(
            Effect.tap((value) => Effect.logTrace("It went well", value)),
            Effect.provide(Layer.merge(tracer, logger))
          )
        const token = yield* run(observed(calls.exchangeJwt))
        assert.strictEqual(Redacted.value(yield* valueOf(token)), canaries.jwt)
        const answer = yield* run(observed(calls.getTokenSigned))
        assert.isTrue(Exit.isSuccess(answer))
        const shown = [
          ...[token, answer].flatMap(printed),
          ...spans.map((span) => inspect([span.name, span.attributes, span.events, span.status], { depth: null })),
          ...lines,
          ...written.map((item) => inspect(item, { depth: null }))
        ]
        assert.lengthOf(spans, 2)
        assert.isNotEmpty(lines)
        // The answer about a PIN says whose it is.
        for (const text of shown) assert.isEmpty(found(text.replaceAll(canaries.clientIdentifier, "")), text)
      })
    )

    it.scoped("case 40: a token of letters alone is not told either, when plex.tv repeats it", () =>
      Effect.gen(function* () {
        // Twenty characters of letters, digits, - and _ make a legacy token; about one in thirty has no digit.
        for (const letters of ["xQvCanaryTokenZwpLkm", "xQvCa-aryTokenZw_Lkm"]) {
          const body = JSON.stringify({ errors: [{ code: 1008, message: `The token ${letters} is not known.` }] })
          const { run } = yield* bench({ client, script: [json(body, { status: 422 })] })
          const text = printed(yield* errorOf(yield* run(once(calls.account)))).join("\n")
          assert.include(text, "is not known.")
          assert.isFalse(text.includes(letters), text.slice(0, 200))
        }
      })
    )

    it.scoped("case 40: a request that is refused before it is sent repeats nothing of it", () =>
      Effect.gen(function* () {
        const written = yield* recordingConsole
        const { layer, lines } = recordingLogger()
        const { run, server } = yield* bench({ client, script: everything })
        for (const request of [
          { pinID: `${canaries.pinID}/../x` },
          { pinID: canaries.token },
          { pinID: canaries.pinID, xPlexClientIdentifier: `${canaries.clientIdentifier}\r\n${canaries.token}` }
        ]) {
          const call = Effect.flatMap(PlexAuth, (plex) => plex.getToken(request, signed))
          const exit = yield* run(
            call.pipe(
              Effect.tapErrorCause((cause) => Effect.logTrace(cause)),
              Effect.provide(layer)
            )
          )
          assert.isTrue(Exit.isFailure(exit))
          for (const text of printed(exit)) assert.isEmpty(found(text), text)
          const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
          for (const text of printed(error)) assert.isEmpty(found(text), text)
        }
        assert.isAtLeast(lines.length, 9)
        for (const line of lines) assert.isEmpty(found(line), line)
        for (const item of written) assert.isEmpty(found(inspect(item, { depth: null })))
        assert.strictEqual(server.connections(), 0)
      })
    )
  })
}

const attributes = (span: RecordedSpan) => Object.fromEntries(span.attributes)

for (const client of clients) {
  describe(`spans, ${client.name}`, () => {
    it.scoped("threat 4: an operation is one span, with method, path template, host, status and attempt alone", () =>
      Effect.gen(function* () {
        const { layer, spans } = recordingTracer()
        const { run } = yield* bench({
          client,
          script: [json(pinBody(), { status: 201 }), json(pinBody()), json(accountBody())]
        })
        for (const [, call] of operations) yield* valueOf(yield* run(Effect.provide(call, layer)))
        assert.deepStrictEqual(
          spans.map((span) => [span.name, span.kind, attributes(span)]),
          [
            ["PlexAuth.createPin", "client", expected("POST", "/pins", 201)],
            ["PlexAuth.getToken", "client", expected("GET", "/pins/{pinID}", 200)],
            ["PlexAuth.account", "client", expected("GET", "/user", 200)]
          ]
        )
        for (const { events, links, status } of spans) {
          assert.isEmpty(events)
          assert.isEmpty(links)
          assert.isTrue(status._tag === "Ended" && Exit.isSuccess(status.exit))
        }
      })
    )

    it.scoped("threat 5: so is each operation of a device with a key, and a look at a PIN with what it signed", () =>
      Effect.gen(function* () {
        const { layer, spans } = recordingTracer()
        const script = [
          json("{}"),
          json('{"nonce":"word"}'),
          json('{"auth_token":"JWT"}'),
          json('{"keys":[]}'),
          json(claimed)
        ]
        const { run } = yield* bench({ client, script })
        for (const [, call] of keyOperations) yield* valueOf(yield* run<unknown, unknown>(Effect.provide(call, layer)))
        yield* valueOf(yield* run(Effect.provide(calls.getTokenSigned, layer)))
        assert.deepStrictEqual(
          spans.map((span) => [span.name, span.kind, attributes(span)]),
          [
            ["PlexAuth.registerKey", "client", expected("POST", "/auth/jwk", 200)],
            ["PlexAuth.nonce", "client", expected("GET", "/auth/nonce", 200)],
            ["PlexAuth.exchangeJwt", "client", expected("POST", "/auth/token", 200)],
            ["PlexAuth.keys", "client", expected("GET", "/auth/keys", 200)],
            ["PlexAuth.getToken", "client", expected("GET", "/pins/{pinID}", 200)]
          ]
        )
        for (const { events, links } of spans) assert.isEmpty([...events, ...links])
      })
    )

    it.scoped("a failed operation has its status, Plex's code and the number of its attempts", () =>
      Effect.gen(function* () {
        const { layer, spans } = recordingTracer()
        const { run } = yield* bench({
          client,
          script: [html(503), reset, plexError(404, 1020, "Code not found or expired")]
        })
        yield* run(Effect.provide(getToken, layer))
        assert.lengthOf(spans, 1)
        assert.deepStrictEqual(attributes(at(spans, 0)), {
          ...expected("GET", "/pins/{pinID}", 404),
          "plex.attempt": 3,
          "plex.error_code": 1020
        })
        const { status } = at(spans, 0)
        assert.isTrue(status._tag === "Ended" && Exit.isFailure(status.exit))
      })
    )

    it.scoped("a status is that of the last attempt, and none is told where there was no answer", () =>
      Effect.gen(function* () {
        const again = recordingTracer()
        const first = yield* bench({ client, script: [html(503), reset, reset] })
        yield* first.run(Effect.provide(getToken, again.layer))
        assert.isUndefined(at(again.spans, 0).attributes.get("http.response.status_code"))
        assert.strictEqual(at(again.spans, 0).attributes.get("plex.attempt"), 3)

        const { layer, spans } = recordingTracer()
        const { run } = yield* bench({ client, script: [silence] })
        yield* run(Effect.provide(once(getToken), layer))
        assert.deepStrictEqual(attributes(at(spans, 0)), {
          "http.request.method": "GET",
          "server.address": "127.0.0.1",
          "url.template": "/pins/{pinID}",
          "plex.attempt": 1
        })
      })
    )

    it.scoped("the span is a child of the program's own, and platform makes none", () =>
      Effect.gen(function* () {
        const { layer, spans } = recordingTracer()
        const { run } = yield* bench({ client, script: [json(pinBody())] })
        yield* run(getToken.pipe(Effect.withSpan("outer"), Effect.provide(layer)))
        assert.deepStrictEqual(
          spans.map(({ name }) => name),
          ["outer", "PlexAuth.getToken"]
        )
        assert.strictEqual(Option.getOrUndefined(at(spans, 1).parent), at(spans, 0))
      })
    )
  })
}

function expected(method: string, template: string, status: number) {
  return {
    "http.request.method": method,
    "server.address": "127.0.0.1",
    "url.template": template,
    "plex.attempt": 1,
    "http.response.status_code": status
  }
}
