/** What is sent, and what is not. */
import { assert, describe, it } from "@effect/vitest"
import type { CreatePinRequest, DeviceJwt, GetTokenRequest, PublicJwk } from "@plex-auth/core"
import {
  AccessToken,
  AuthApp,
  ClientIdentifier,
  DeviceKey,
  InvalidRequest,
  LinkPin,
  PinId,
  PlexAuth,
  PlexClientInfo,
  SignIn
} from "@plex-auth/core"
import { DateTime, Duration, Effect, Layer, Option, Redacted, Schema } from "effect"
import {
  account,
  at,
  bench,
  clientInfo,
  clients,
  createPin,
  deviceJwt,
  deviceKey,
  errorOf,
  exchangeJwt,
  getToken,
  header,
  keyOperations,
  keys,
  nonce,
  operations,
  registerKey,
  token,
  valueOf
} from "../support/testBench.js"
import { accountBody, pinBody, pinID } from "../support/bodies.js"
import { encoded } from "../support/encoded.js"
import { recordingTracer } from "../support/recording.js"
import { html, json, reset, respond } from "../support/steps.js"

const created = json(pinBody(), { status: 201 })
const claimed = json(pinBody({ authToken: "TOK" }))

/** The answers to `keyOperations`, in their order. */
const keyAnswers = [
  respond({ status: 204 }),
  json('{"nonce":"0b5ec3d1-8fd0-4d77-8b15-7d4a8a3f6a11"}'),
  json('{"auth_token":"JWT"}'),
  json('{"keys":[]}')
]

/** The public half of the key, as plex.tv documents it, and nothing else. */
const publicJwk = {
  kty: "OKP",
  crv: "Ed25519",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  kid: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
  use: "sig",
  alg: "EdDSA"
}

const getTokenOf = (request: GetTokenRequest.Input) => Effect.flatMap(PlexAuth, (plex) => plex.getToken(request))

const hostileIds = [
  "../../user",
  "1?x=",
  "1#",
  "%2e%2e",
  "1/../2",
  " 1",
  "1 ",
  "",
  "-1",
  "1.5",
  "1e21",
  "0x10",
  "١٢٣",
  "1\r\nX-Evil: 1",
  "1\u0000",
  "9".repeat(21),
  "../".repeat(3000),
  1.5,
  -1,
  1e21,
  Number.NaN,
  Number.POSITIVE_INFINITY
]

const hostileIdentifiers = [
  "a\r\nX-Evil: 1",
  "a\nb",
  "a\u0000b",
  "a\u007f",
  "a\u2028b",
  "Bob’s",
  "a b",
  " a",
  "a\t",
  "",
  "x".repeat(10_000)
]

const names: ReadonlyArray<readonly [name: string, header: string]> = [
  ["Café", "Cafe"],
  ["Bob’s Mac", "Bob's Mac"],
  ["🎬", "%F0%9F%8E%AC"],
  ["Wohnzimmer – „Fernseher“", 'Wohnzimmer - "Fernseher"'],
  ["客厅", "%E5%AE%A2%E5%8E%85"],
  ["a\r\nX-Evil: 1", "a X-Evil: 1"],
  ["a\nb\u0000c\u007fd\u2028e", "a b c d e"],
  ["\u0085a\u009fb", "a b"],
  ["lone \ud83c surrogate", "lone %EF%BF%BD surrogate"],
  ["a&b=c#d e", "a&b=c#d e"]
]

for (const client of clients) {
  describe(`requests, ${client.name}`, () => {
    it.scoped("case 35: a hostile PIN id is refused before any connection", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [claimed] })
        for (const id of hostileIds) {
          assert.deepStrictEqual(
            encoded(yield* errorOf(yield* run(getTokenOf({ pinID: id })))),
            {
              _tag: "InvalidRequest",
              request: "GetTokenRequest",
              issues: [{ field: "pinID", rule: "must be 1 to 20 decimal digits" }]
            },
            String(id)
          )
        }
        assert.strictEqual(server.connections(), 0)
      })
    )

    it.scoped("case 35: the path is that of the PIN, and nothing else", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [claimed] })
        const ids = ["1272322473", 1272322473, "0", "007", "9".repeat(20), Number.MAX_SAFE_INTEGER]
        for (const id of ids) yield* valueOf(yield* run(getTokenOf({ pinID: id })))
        assert.deepStrictEqual(
          server.requests.map(({ method, target }) => [method, target]),
          ids.map((id) => ["GET", `/api/v2/pins/${id}`])
        )
        for (const { target } of server.requests) assert.match(target, /^\/api\/v2\/pins\/[0-9]+$/)
      })
    )

    it.scoped("case 36, threat 11: a hostile client identifier is refused where it is given, and nothing is sent", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [claimed] })
        const issue = { field: "", rule: "must be 1 to 255 visible ASCII characters, without spaces" }
        for (const identifier of hostileIdentifiers) {
          const invalid = (request: string, field: string) => ({
            _tag: "InvalidRequest",
            request,
            issues: [{ ...issue, field }]
          })
          const refused = [
            yield* errorOf(yield* run(getTokenOf({ pinID, xPlexClientIdentifier: identifier }))),
            yield* errorOf(yield* run(SignIn.start({ xPlexClientIdentifier: identifier }))),
            yield* Effect.flip(PlexClientInfo.make({ ...clientInfo, clientIdentifier: identifier })),
            yield* Effect.flip(
              Effect.scoped(
                Layer.build(
                  client
                    .layer({ baseUrl: server.baseUrl })
                    .pipe(Layer.provide(PlexClientInfo.layer({ ...clientInfo, clientIdentifier: identifier })))
                )
              )
            )
          ]
          assert.deepStrictEqual(refused.map(encoded), [
            invalid("GetTokenRequest", "xPlexClientIdentifier"),
            invalid("CreatePinRequest", "xPlexClientIdentifier"),
            invalid("PlexClientInfo", "clientIdentifier"),
            invalid("PlexClientInfo", "clientIdentifier")
          ])
        }
        assert.strictEqual(server.connections(), 0)
      })
    )

    it.scoped("threat 11: a token that may not stand in a header is none", () =>
      Effect.sync(() => {
        for (const text of ["a\r\nX-Evil: 1", "a b", "", "Ünicode", "x".repeat(8193)]) {
          assert.isTrue(Option.isNone(Schema.decodeOption(AccessToken)(text)), text.slice(0, 20))
        }
      })
    )

    for (const [name, ascii] of names) {
      it.scoped(`case 37, threat 11: ${JSON.stringify(name)} signs in, with ASCII in the headers`, () =>
        Effect.gen(function* () {
          const info = { ...clientInfo, product: name, device: name, deviceName: name, model: name, platform: name }
          const { run, server } = yield* bench({ client, script: [created, claimed], info })
          const token = yield* valueOf(yield* run(Effect.flatMap(SignIn.start({ xPlexProduct: name }), SignIn.wait)))
          assert.strictEqual(Redacted.value(token), "TOK")
          assert.lengthOf(server.requests, 2)
          for (const request of server.requests) {
            assert.match(request.head, /^[\x20-\x7e\r\n]*$/)
            assert.isEmpty(header(request, "x-evil"))
            for (const field of ["product", "device", "device-name", "model", "platform"]) {
              assert.deepStrictEqual(header(request, `x-plex-${field}`), [ascii], field)
            }
          }
        })
      )
    }

    it.scoped("case 1: who is asking stands in headers, once each, with Accept exactly application/json", () =>
      Effect.gen(function* () {
        const info: PlexClientInfo.Options = {
          clientIdentifier: "9f0f1c0e-6f7e-4a3e-8f2e-0c1f5b7f3f1d",
          product: "My Cool App",
          version: "2.4.1",
          platform: "Linux",
          platformVersion: "6.1",
          device: "PC",
          deviceName: "Living Room",
          model: "T1000",
          deviceVendor: "Cyberdyne"
        }
        const { run, server } = yield* bench({ client, script: [created, claimed, json(accountBody())], info })
        for (const [, call] of operations) yield* valueOf(yield* run(call))
        const expected: ReadonlyArray<readonly [string, string]> = [
          ["accept", "application/json"],
          ["accept-encoding", "identity"],
          ["x-plex-client-identifier", "9f0f1c0e-6f7e-4a3e-8f2e-0c1f5b7f3f1d"],
          ["x-plex-device", "PC"],
          ["x-plex-device-name", "Living Room"],
          ["x-plex-device-vendor", "Cyberdyne"],
          ["x-plex-model", "T1000"],
          ["x-plex-platform", "Linux"],
          ["x-plex-platform-version", "6.1"],
          ["x-plex-product", "My Cool App"],
          ["x-plex-version", "2.4.1"]
        ]
        for (const request of server.requests) {
          const ours = request.headers
            .filter(([key]) => /^(accept|accept-encoding|x-plex-.*)$/.test(key) && key !== "x-plex-token")
            .sort(([a], [b]) => (a < b ? -1 : 1))
          assert.deepStrictEqual(ours, expected)
        }
        assert.deepStrictEqual(
          server.requests.map((request) => header(request, "x-plex-token")),
          [[], [], ["TOK"]]
        )
      })
    )

    it.scoped("the request's own client identifier and product go before those of the program", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [created, claimed] })
        const own = { xPlexClientIdentifier: "Postman", xPlexProduct: "Own" }
        yield* valueOf(yield* run(Effect.flatMap(SignIn.start(own), SignIn.wait)))
        const [post, get] = [at(server.requests, 0), at(server.requests, 1)]
        assert.deepStrictEqual(
          [post, get].map((request) => header(request, "x-plex-client-identifier")),
          [["Postman"], ["Postman"]]
        )
        assert.deepStrictEqual(header(post, "x-plex-product"), ["Own"])
      })
    )

    it.scoped("threat 4: the query has strong=true or nothing, and no URL says who is asking", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [created] })
        for (const request of [{}, { strong: false }, { strong: true }, { strong: true, xPlexProduct: "Own" }]) {
          yield* valueOf(yield* run(SignIn.start(request)))
        }
        yield* valueOf(yield* run(getToken))
        yield* valueOf(yield* run(account))
        assert.deepStrictEqual(
          server.requests.map(({ method, target }) => `${method} ${target}`),
          [
            "POST /api/v2/pins",
            "POST /api/v2/pins",
            "POST /api/v2/pins?strong=true",
            "POST /api/v2/pins?strong=true",
            `GET /api/v2/pins/${pinID}`,
            "GET /api/v2/user"
          ]
        )
      })
    )

    it.scoped("case 45: a PIN for a key is asked for with its public half in JSON, and any other without a body", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [created] })
        const ask = (request: CreatePinRequest.Input) => Effect.flatMap(PlexAuth, (plex) => plex.createPin(request))
        const jwk = deviceKey.publicJwk
        yield* valueOf(yield* run(ask({ jwk })))
        yield* valueOf(yield* run(Effect.exit(ask({ jwk, strong: true }))))
        yield* valueOf(yield* run(ask({})))
        yield* valueOf(yield* run(Effect.exit(ask({ strong: true }))))
        assert.deepStrictEqual(
          server.requests.map((request) => [request.method, request.target, header(request, "content-type")]),
          [
            ["POST", "/api/v2/pins", ["application/json"]],
            ["POST", "/api/v2/pins?strong=true", ["application/json"]],
            ["POST", "/api/v2/pins", []],
            ["POST", "/api/v2/pins?strong=true", []]
          ]
        )
        assert.deepStrictEqual(
          server.requests.map(({ body }): unknown => (body === "" ? "" : JSON.parse(body))),
          [{ jwk: publicJwk, strong: false }, { jwk: publicJwk, strong: true }, "", ""]
        )
      })
    )

    it.scoped("case 45: the private half is not sent where the whole key is given for the public one", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [created, respond({ status: 204 })] })
        const jwk: PublicJwk = JSON.parse(JSON.stringify(yield* Schema.encode(DeviceKey)(deviceKey)))
        assert.property(jwk, "d")
        yield* valueOf(yield* run(Effect.flatMap(PlexAuth, (plex) => plex.createPin({ jwk }))))
        yield* valueOf(yield* run(Effect.flatMap(PlexAuth, (plex) => plex.registerKey(token, jwk))))
        assert.deepStrictEqual(
          server.requests.map(({ body }): unknown => JSON.parse(body)),
          [{ jwk: publicJwk, strong: false }, { jwk: publicJwk }]
        )
      })
    )

    it.scoped("threat 5: what a device signed is in the query of a look at a PIN, and nowhere else", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [claimed] })
        const answer = yield* valueOf(
          yield* run(Effect.flatMap(PlexAuth, (plex) => plex.getToken({ pinID }, deviceJwt)))
        )
        assert.deepStrictEqual(Option.map(answer.authToken, Redacted.value), Option.some("TOK"))
        const request = at(server.requests, 0)
        assert.strictEqual(request.target, `/api/v2/pins/${pinID}?deviceJWT=e30.e30.c2lnbmVk`)
        assert.deepStrictEqual([request.method, request.body, header(request, "content-type")], ["GET", "", []])
        assert.lengthOf(request.head.split("e30.e30.c2lnbmVk"), 2)
        assert.deepStrictEqual(header(request, "x-plex-client-identifier"), ["raw-bytes-client"])
      })
    )

    it.scoped(
      "each operation of a device with a key sends what Plex documents, and the token only to register it",
      () =>
        Effect.gen(function* () {
          const { run, server } = yield* bench({ client, script: keyAnswers })
          for (const [, call] of keyOperations) yield* valueOf(yield* run(call))
          assert.deepStrictEqual(
            server.requests.map((request) => [
              `${request.method} ${request.target}`,
              header(request, "x-plex-token"),
              header(request, "content-type"),
              request.body === "" ? "" : JSON.parse(request.body)
            ]),
            [
              ["POST /api/v2/auth/jwk", ["TOK"], ["application/json"], { jwk: publicJwk }],
              ["GET /api/v2/auth/nonce", [], [], ""],
              ["POST /api/v2/auth/token", [], ["application/json"], { jwt: "e30.e30.c2lnbmVk" }],
              ["GET /api/v2/auth/keys", [], [], ""]
            ]
          )
          for (const request of server.requests) {
            assert.deepStrictEqual(header(request, "accept"), ["application/json"])
            assert.deepStrictEqual(header(request, "x-plex-client-identifier"), ["raw-bytes-client"])
            assert.deepStrictEqual(header(request, "x-plex-product"), ["Raw Bytes"])
          }
        })
    )

    it.scoped("a nonce and plex.tv's keys are asked for again, and what changes something is sent once", () =>
      Effect.gen(function* () {
        for (const [call, tries] of [
          [nonce, 3],
          [keys, 3],
          [registerKey, 1],
          [exchangeJwt, 1]
        ] as const) {
          const { run, server } = yield* bench({ client, script: [html(503)] })
          const exit = yield* run<unknown, PlexAuth.ExchangeJwtError>(call)
          assert.strictEqual((yield* errorOf(exit))._tag, "PlexUnavailable")
          assert.lengthOf(server.requests, tries)
        }
      })
    )

    it.scoped("case 47: after a 429 the nonce is asked for again when Retry-After says, and not before", () =>
      Effect.gen(function* () {
        const limited = json("", { status: 429, headers: { "Retry-After": "7" } })
        const { run, server } = yield* bench({ client, script: [limited, json('{"nonce":"word"}')] })
        assert.strictEqual(yield* valueOf(yield* run(nonce)), "word")
        assert.lengthOf(server.requests, 2)
        assert.isAtLeast(at(server.requests, 1).at - at(server.requests, 0).answeredAt, 7000)
      })
    )

    it.scoped(
      "case 35: a key, or what a device signed, that came out of no schema is refused, and nothing is sent",
      () =>
        Effect.gen(function* () {
          const { run, server } = yield* bench({ client, script: [created] })
          const strangeToken: AccessToken = JSON.parse('"a string"')
          const strange: DeviceJwt = JSON.parse('"a\\r\\nX-Evil: 1"')
          const keys: ReadonlyArray<PublicJwk> = JSON.parse(
            JSON.stringify([
              null,
              "x",
              {},
              { ...publicJwk, kty: "RSA" },
              { ...publicJwk, crv: "X25519" },
              { ...publicJwk, x: "" },
              { ...publicJwk, kid: "../x" },
              { ...publicJwk, alg: "none" },
              { ...publicJwk, use: "enc" }
            ])
          )
          const bad: ReadonlyArray<readonly [field: string, call: Effect.Effect<unknown, unknown, PlexAuth>]> = [
            ...keys.flatMap((jwk) => [
              ["jwk", Effect.flatMap(PlexAuth, (plex) => plex.createPin({ jwk }))] as const,
              ["jwk", Effect.flatMap(PlexAuth, (plex) => plex.registerKey(token, jwk))] as const
            ]),
            ["deviceJwt", Effect.flatMap(PlexAuth, (plex) => plex.getToken({ pinID }, strange))],
            ["deviceJwt", Effect.flatMap(PlexAuth, (plex) => plex.exchangeJwt(strange))],
            ["token", Effect.flatMap(PlexAuth, (plex) => plex.registerKey(strangeToken, deviceKey.publicJwk))]
          ]
          for (const [field, call] of bad) {
            const error = yield* errorOf(yield* run(call))
            assert.instanceOf(error, InvalidRequest)
            assert.include(error.message, `${field} must be`, error.message)
          }
          assert.strictEqual(server.connections(), 0)
        })
    )

    it.scoped("no trace header is sent, under an active span too", () =>
      Effect.gen(function* () {
        const { layer, spans } = recordingTracer()
        const script = [created, claimed, json(accountBody()), ...keyAnswers]
        const { run, server } = yield* bench({ client, script })
        for (const [, call] of [...operations, ...keyOperations]) {
          yield* valueOf(yield* run<unknown, unknown>(call.pipe(Effect.withSpan("outer"), Effect.provide(layer))))
        }
        assert.isAbove(spans.length, script.length)
        for (const request of server.requests) {
          const names = request.headers.map(([name]) => name)
          assert.isEmpty(
            names.filter((name) => /^(traceparent|tracestate|baggage|b3|x-b3-.*)$/.test(name)),
            request.head
          )
        }
      })
    )

    it.scoped("nothing but the names that are known is sent", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [created] })
        yield* valueOf(yield* run(createPin))
        const known = [
          ...[
            "host",
            "connection",
            "accept",
            "accept-encoding",
            "x-plex-client-identifier",
            "x-plex-product",
            "content-length"
          ],
          // fetch's own.
          ...["accept-language", "sec-fetch-mode", "user-agent"]
        ]
        assert.isEmpty(at(server.requests, 0).headers.filter(([name]) => !known.includes(name)))
        assert.deepStrictEqual(header(at(server.requests, 0), "host"), [`127.0.0.1:${server.port}`])
      })
    )

    it.scoped("the paths are below the base URL's own, with a slash at its end or without", () =>
      Effect.gen(function* () {
        const { server } = yield* bench({ client, script: [created, claimed, json(accountBody())] })
        for (const path of ["", "/", "/api/v2", "/api/v2/", "/a/b//"]) {
          const before = server.requests.length
          const layer = client
            .layer({ baseUrl: `http://127.0.0.1:${server.port}${path}` })
            .pipe(Layer.provide(PlexClientInfo.layer(clientInfo)))
          yield* Effect.exit(Effect.provide(getToken, layer))
          assert.strictEqual(at(server.requests, before).target, `${path.replace(/\/+$/, "")}/pins/${pinID}`)
        }
      })
    )

    it.scoped("a PIN is made of the answer, and its link is that of its code", () =>
      Effect.gen(function* () {
        const { run } = yield* bench({ client, script: [created] })
        const pin = yield* valueOf(yield* run(SignIn.start()))
        assert.instanceOf(pin, LinkPin)
        assert.deepStrictEqual(
          [
            pin.id,
            pin.clientIdentifier,
            pin.code,
            Duration.toSeconds(pin.expiresIn),
            DateTime.toEpochMillis(pin.receivedAt)
          ],
          [PinId.make(pinID), ClientIdentifier.make("raw-bytes-client"), "AB12", 1800, 0]
        )
        assert.strictEqual(AuthApp.linkUrl(pin), "https://plex.tv/link/?pin=AB12")
      })
    )

    it.scoped("case 39: a long code is no link PIN, and a strong PIN keeps its code hidden", () =>
      Effect.gen(function* () {
        const code = "0123456789abcdefghijklmno"
        const { run } = yield* bench({ client, script: [json(pinBody({ code }), { status: 201 })] })
        const error = yield* errorOf(yield* run(SignIn.start()))
        assert.deepStrictEqual(error._tag === "InvalidResponse" ? error.paths : error, ["code"])
        const pin = yield* valueOf(yield* run(SignIn.start({ strong: true })))
        assert.strictEqual(Redacted.value(pin.code), code)
        assert.notInclude(String(pin) + JSON.stringify(pin), code)
      })
    )

    it.scoped("a port that was free again is no harm: nothing is sent when the base URL is not allowed", () =>
      Effect.gen(function* () {
        const { server } = yield* bench({ client, script: [reset] })
        const layer = client
          .layer({ baseUrl: `http://plex.example:${server.port}` })
          .pipe(Layer.provide(PlexClientInfo.layer(clientInfo)))
        assert.strictEqual((yield* Effect.flip(Effect.provide(getToken, layer)))._tag, "InvalidRequest")
        assert.strictEqual(server.connections(), 0)
      })
    )
  })
}
