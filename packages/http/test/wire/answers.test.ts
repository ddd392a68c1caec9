/** Answers with a status of success, and which of them are one; and the table of the errors that the others are. */
import { assert, describe, it } from "@effect/vitest"
import { PlexAuth, SignIn } from "@plex-auth/core"
import type { PlexAuthError } from "@plex-auth/core"
import { Duration, Effect, Option, Redacted, TestClock } from "effect"
import {
  account as anyAccount,
  bench,
  clients,
  createPin as anyPin,
  errorOf,
  exchangeJwt as anyExchange,
  getToken as anyToken,
  keyOperations,
  keys as anyKeys,
  nonce as anyNonce,
  once,
  operations,
  registerKey as anyRegistration,
  valueOf
} from "../support/testBench.js"
import { accountBody, location, pinBody, pinID } from "../support/bodies.js"
import { encoded } from "../support/encoded.js"
import { html, json, page, plexError, raw, reset, respond, thenFin } from "../support/steps.js"
import type { Response } from "../support/steps.js"

const createPin = once(anyPin)
const createStrongPin = once(SignIn.start({ strong: true }))
const getToken = once(anyToken)
const account = once(anyAccount)
const registerKey = once(anyRegistration)
const nonce = once(anyNonce)
const exchangeJwt = once(anyExchange)
const keys = once(anyKeys)

const clockOffset = Effect.flatMap(PlexAuth, (plex) => plex.clockOffset)

const tokenOf = Effect.map(getToken, ({ authToken }) => Option.getOrUndefined(Option.map(authToken, Redacted.value)))

const claimed = pinBody({ authToken: "TOK" })

const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth)

/** A body with other text in place of a field's value, for what can't be made by `JSON.stringify`. */
const withRaw = (field: string, value: string, fields: Readonly<Record<string, unknown>> = {}) =>
  pinBody({ ...fields, [field]: "@" }).replace(`"${field}":"@"`, () => `"${field}":${value}`)

/** Bodies that are no PIN at all, and what is wrong with them. */
const noPin: ReadonlyArray<readonly [name: string, response: Response, reason: "notJson" | "unexpected"]> = [
  ["an empty body", { body: "" }, "notJson"],
  ["204", { status: 204 }, "notJson"],
  ["blanks", { body: " \r\n\t" }, "notJson"],
  ["null", { body: "null" }, "unexpected"],
  ["[]", { body: "[]" }, "unexpected"],
  ["a PIN in an array", { body: `[${claimed}]` }, "unexpected"],
  ['"x"', { body: '"x"' }, "unexpected"],
  ["1", { body: "1" }, "unexpected"],
  ["true", { body: "true" }, "unexpected"],
  ["half of the JSON", { body: claimed.slice(0, claimed.length / 2) }, "notJson"],
  ["two PINs", { body: claimed + claimed }, "notJson"],
  ["deep arrays", { body: deep(20_000) }, "unexpected"],
  ["deep arrays, cut off", { body: "[".repeat(20_000) }, "notJson"],
  ["deep objects, cut off", { body: '{"a":'.repeat(20_000) }, "notJson"],
  ["XML", { body: '<?xml version="1.0"?><pin id="1" code="AB12" auth-token="TOK"/>' }, "notJson"]
]

/** The fields of a PIN that is read back that no result needs, but `location`. */
const optional = [
  "code",
  "product",
  "trusted",
  "qr",
  "clientIdentifier",
  "expiresIn",
  "createdAt",
  "expiresAt",
  "newRegistration"
]

const each = (fields: ReadonlyArray<string>, value: unknown) =>
  Object.fromEntries(fields.map((field) => [field, value]))

type Fields = Readonly<Record<string, unknown>>

const drift = (name: string, fields: Fields) => [name, (needed: Fields) => pinBody({ ...fields, ...needed })] as const

const rawDrift = (name: string, field: string, value: string) =>
  [name, (needed: Fields) => withRaw(field, value, needed)] as const

/** What a result does not need, as it has been seen or could come; the fields that it needs go in after that. */
const drifts: ReadonlyArray<readonly [name: string, body: (needed: Fields) => string]> = [
  drift("case 12: unknown members", { more: { a: [1] }, location: { ...location, planet: "Earth" } }),
  ...[undefined, null, [], "", 7].map((value) =>
    drift(`case 13: location ${JSON.stringify(value)}`, { location: value })
  ),
  ...Object.keys(location).map((member) =>
    drift(`case 13: no location.${member}`, { location: { ...location, [member]: undefined } })
  ),
  ...[null, {}, [], 1.5, true, "?"].map((value) =>
    drift(`case 13: each member of location ${JSON.stringify(value)}`, { location: each(Object.keys(location), value) })
  ),
  ...[78732, "78732", "SW1A 1AA", null, {}, undefined].map((value) =>
    drift(`case 14: postal_code ${JSON.stringify(value)}`, { location: { ...location, postal_code: value } })
  ),
  drift("case 15: fields of another type", {
    trusted: "0",
    expiresIn: "1800",
    createdAt: 0,
    newRegistration: "true",
    qr: null
  }),
  ...[undefined, null, {}, [], -1, 1.5, 1e300, true, "?", ""].map((value) =>
    drift(`case 15: each field that is not needed ${JSON.stringify(value)}`, each(optional, value))
  ),
  ...["location", "more", ...optional.filter((field) => field !== "code")].map((field) =>
    rawDrift(`threat 8: ${field} deep`, field, deep(20_000))
  ),
  rawDrift("case 29: prototype keys", "more", '{"__proto__":{"authToken":"EVIL","code":"EVIL"}}')
]

const notYet: ReadonlyArray<readonly [name: string, body: string]> = [
  ["authToken null", pinBody()],
  ["case 17: authToken absent", pinBody({ authToken: undefined })],
  ["case 17: authToken empty", pinBody({ authToken: "" })],
  ["case 29: a token in the prototype", withRaw("__proto__", '{"authToken":"EVIL"}')],
  [
    "case 29: a token in the prototype, and none of its own",
    withRaw("__proto__", '{"authToken":"EVIL"},"constructor":{"prototype":{"authToken":"EVIL","x":1}}', {
      authToken: undefined
    })
  ]
]

const wrongFields: ReadonlyArray<readonly [name: string, body: string, paths: ReadonlyArray<string>]> = [
  ...[12345, true, {}, ["T"], "with blank", "Ünicode", "a\r\nX-Evil: 1", "x".repeat(9000)].map(
    (authToken, i) => [`case 17: authToken that is none, number ${i}`, pinBody({ authToken }), ["authToken"]] as const
  ),
  ...[undefined, null, "", -1, 1.5, 1e21, "../users", "1?x=", {}, []].map(
    (id) => [`case 16: id ${JSON.stringify(id)}`, pinBody({ id, authToken: "TOK" }), ["id"]] as const
  ),
  ["case 29: an id in the prototype", withRaw("__proto__", '{"id":1}', { id: undefined, authToken: "TOK" }), ["id"]],
  ["an empty object", "{}", ["id"]],
  ["threat 8: id deep", withRaw("id", deep(20_000), { authToken: "TOK" }), ["id"]],
  ["threat 8: authToken deep", withRaw("authToken", deep(20_000)), ["authToken"]],
  ["threat 8: id deep in objects", withRaw("id", '{"a":'.repeat(10_000) + "1" + "}".repeat(10_000)), ["id"]]
]

for (const client of clients) {
  describe(`answers, ${client.name}`, () => {
    for (const [name, response, reason] of noPin) {
      it.scoped(`case 10: ${name} is never a success`, () =>
        Effect.gen(function* () {
          const { run } = yield* bench({ client, script: [json(response.body ?? "", response)] })
          const expected = {
            _tag: "InvalidResponse",
            reason,
            status: response.status ?? 200,
            contentType: "application/json",
            length: (response.body ?? "").length,
            paths: []
          }
          const of = (operation: string) => ({ ...expected, operation: `PlexAuth.${operation}` })
          for (const [operation, call] of [...operations, ...keyOperations]) {
            // What it did is told by its status.
            if (operation === "registerKey") continue
            assert.deepStrictEqual(
              encoded(yield* errorOf(yield* run<unknown, PlexAuthError>(once(call)))),
              of(operation)
            )
          }
        })
      )
    }

    it.scoped("case 9: a page of HTML is described, and not quoted", () =>
      Effect.gen(function* () {
        const { run } = yield* bench({ client, script: [html(200)] })
        assert.deepStrictEqual(encoded(yield* errorOf(yield* run(getToken))), {
          _tag: "InvalidResponse",
          operation: "PlexAuth.getToken",
          reason: "notJson",
          status: 200,
          contentType: "text/html",
          length: page.length,
          paths: []
        })
      })
    )

    const accepted: ReadonlyArray<readonly [name: string, step: ReturnType<typeof json>]> = [
      ["a BOM before the JSON", json(`\u{feff}${claimed}`)],
      ["blanks before and after the JSON", json(` \r\n${claimed}\n`)],
      ["no content type", respond({ body: claimed })],
      [
        "a content type in upper case",
        respond({ body: claimed, headers: { "CONTENT-TYPE": "APPLICATION/JSON;CHARSET=UTF-8" } })
      ],
      [
        "application/json;charset=UTF-8",
        respond({ body: claimed, headers: { "content-type": "application/json;charset=UTF-8" } })
      ],
      ["text/plain", respond({ body: claimed, headers: { "Content-Type": "text/plain" } })],
      ["status 201 for 200", json(claimed, { status: 201 })],
      [
        "a body that ends with the connection",
        thenFin(raw(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${claimed}`))
      ],
      ["HTTP/1.0", thenFin(raw(`HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n${claimed}`))],
      [
        "chunks of one byte",
        raw(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
          Array.from(claimed, (character) => `1\r\n${character}\r\n`).join(""),
          "0\r\n\r\n"
        )
      ],
      [
        "an interim answer before it",
        raw(
          "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
          `HTTP/1.1 200 OK\r\nContent-Length: ${claimed.length}\r\n\r\n${claimed}`
        )
      ]
    ]
    for (const [name, step] of accepted) {
      it.scoped(`case 11: ${name} is accepted`, () =>
        Effect.gen(function* () {
          const { run } = yield* bench({ client, script: [step] })
          assert.strictEqual(yield* valueOf(yield* run(tokenOf)), "TOK")
        })
      )
    }

    it.scoped("case 11: characters that are cut apart by the chunks are put together", () =>
      Effect.gen(function* () {
        const bytes = Buffer.from(pinBody({ product: "🎬 Bob’s" }), "utf8")
        const chunks = Array.from(bytes, (byte) =>
          Buffer.concat([Buffer.from("1\r\n"), Uint8Array.of(byte), Buffer.from("\r\n")])
        )
        const { run } = yield* bench({
          client,
          script: [raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", ...chunks, "0\r\n\r\n")]
        })
        assert.deepStrictEqual((yield* valueOf(yield* run(getToken))).product, Option.some("🎬 Bob’s"))
      })
    )

    it.scoped("cases 12-15 and 29: a drift of what a result does not need takes no token away", () =>
      Effect.gen(function* () {
        const script = drifts.map(([, body]) => json(body({ authToken: "TOK" })))
        const { run, server } = yield* bench({ client, script })
        for (const [name] of drifts) assert.strictEqual(yield* valueOf(yield* run(tokenOf)), "TOK", name)
        assert.lengthOf(server.requests, drifts.length)
      })
    )

    it.scoped("cases 12-15 and 29: the same drift takes no PIN away", () =>
      Effect.gen(function* () {
        const script = drifts.map(([, body]) => json(body({ code: "AB12" }), { status: 201 }))
        const { run, server } = yield* bench({ client, script })
        for (const [name] of drifts) {
          const pin = yield* valueOf(yield* run(createPin))
          assert.deepStrictEqual([pin.id, pin.code], [pinID, "AB12"], name)
        }
        assert.lengthOf(server.requests, drifts.length)
      })
    )

    it.scoped("threat 8: a code that is deep takes no token away", () =>
      Effect.gen(function* () {
        const { run } = yield* bench({ client, script: [json(withRaw("code", deep(20_000), { authToken: "TOK" }))] })
        assert.strictEqual(yield* valueOf(yield* run(tokenOf)), "TOK")
      })
    )

    it.scoped("case 14: the postal code is read as text", () =>
      Effect.gen(function* () {
        const script = [78732, "SW1A 1AA", {}].map((postal_code) =>
          json(pinBody({ location: { ...location, postal_code } }))
        )
        const { run } = yield* bench({ client, script })
        const read = Effect.map(getToken, (answer) =>
          Option.flatMap(answer.location, (at) => Redacted.value(at).postal_code)
        )
        assert.deepStrictEqual(yield* valueOf(yield* run(read)), Option.some("78732"))
        assert.deepStrictEqual(yield* valueOf(yield* run(read)), Option.some("SW1A 1AA"))
        assert.deepStrictEqual(yield* valueOf(yield* run(read)), Option.none())
      })
    )

    it.scoped("case 15: what can be read of another type is read", () =>
      Effect.gen(function* () {
        const body = pinBody({ trusted: "0", expiresIn: "1800", createdAt: 0, newRegistration: "true", qr: null })
        const { run } = yield* bench({ client, script: [json(body)] })
        const answer = yield* valueOf(yield* run(getToken))
        assert.deepStrictEqual(
          [
            answer.trusted,
            Option.map(answer.expiresIn, Duration.toSeconds),
            answer.createdAt,
            answer.newRegistration,
            answer.qr
          ],
          [Option.some(false), Option.some(1800), Option.none(), Option.some(true), Option.none()]
        )
      })
    )

    it.scoped("cases 17 and 29: not yet is not yet, and a prototype is no token", () =>
      Effect.gen(function* () {
        const { run } = yield* bench({ client, script: notYet.map(([, body]) => json(body)) })
        for (const [name] of notYet) {
          assert.deepStrictEqual((yield* valueOf(yield* run(getToken))).authToken, Option.none(), name)
        }
        assert.isFalse("x" in {})
        assert.isFalse("authToken" in {})
      })
    )

    for (const [name, body, paths] of wrongFields) {
      it.scoped(`${name}: named by its path, and never a success`, () =>
        Effect.gen(function* () {
          const { run, server } = yield* bench({ client, script: [json(body)] })
          assert.deepStrictEqual(encoded(yield* errorOf(yield* run(getToken))), {
            _tag: "InvalidResponse",
            operation: "PlexAuth.getToken",
            reason: "unexpected",
            status: 200,
            contentType: "application/json",
            length: Buffer.byteLength(body),
            paths
          })
          assert.lengthOf(server.requests, 1)
        })
      )
    }

    const noCode = [undefined, null, "", 12, {}, ["AB12"], "A B", "Ü"]
    const noId = [undefined, null, -1, 1.5, 1e21, "../users", {}, ""]
    it.scoped("case 16: a created PIN without an id or a code is malformed, and no further request is made", () =>
      Effect.gen(function* () {
        const bodies = [...noCode.map((code) => pinBody({ code })), ...noId.map((id) => pinBody({ id }))]
        const { run, server } = yield* bench({ client, script: bodies.map((body) => json(body, { status: 201 })) })
        for (const [i, body] of bodies.entries()) {
          const start = i % 2 === 0 ? createPin : createStrongPin
          const error = yield* errorOf(yield* run(Effect.asVoid(start)))
          assert.deepStrictEqual(
            error._tag === "InvalidResponse" ? [error.reason, error.status, error.paths] : error,
            ["unexpected", 201, i < noCode.length ? ["code"] : ["id"]],
            body
          )
        }
        assert.lengthOf(server.requests, bodies.length)
      })
    )

    it.scoped("threat 8: a created PIN whose code is deep is malformed", () =>
      Effect.gen(function* () {
        const { run } = yield* bench({ client, script: [json(withRaw("code", deep(20_000)), { status: 201 })] })
        const error = yield* errorOf(yield* run(createPin))
        assert.deepStrictEqual(error._tag === "InvalidResponse" ? error.paths : error, ["code"])
      })
    )

    it.scoped("threat 8: a refusal whose body is deep is known by its status", () =>
      Effect.gen(function* () {
        const script = [deep(20_000), `{"errors":${deep(20_000)}}`, `{"errors":[{"code":${deep(20_000)}}]}`]
        const { run } = yield* bench({ client, script: script.map((body) => json(body, { status: 403 })) })
        for (const _ of script) {
          assert.deepStrictEqual(encoded(yield* errorOf(yield* run(getToken))), {
            _tag: "Rejected",
            operation: "PlexAuth.getToken",
            status: 403
          })
        }
      })
    )

    it.scoped("case 16: an id that is a string of digits is accepted", () =>
      Effect.gen(function* () {
        const { run } = yield* bench({ client, script: [json(pinBody({ id: "1272322473" }), { status: 201 })] })
        assert.strictEqual((yield* valueOf(yield* run(createPin))).id, pinID)
      })
    )

    it.scoped("case 24: id and code are those of one answer, after a POST that was lost", () =>
      Effect.gen(function* () {
        const first = thenFin(
          raw(`HTTP/1.1 201 Created\r\nContent-Length: 2000\r\n\r\n${pinBody({ id: 1, code: "OLD1" })}`)
        )
        const { run, server } = yield* bench({
          client,
          script: [first, json(pinBody({ id: 2, code: "NEW2" }), { status: 201 })]
        })
        assert.strictEqual((yield* errorOf(yield* run(createPin)))._tag, "PlexUnavailable")
        assert.lengthOf(server.requests, 1)
        const pin = yield* valueOf(yield* run(SignIn.start()))
        assert.deepStrictEqual([pin.id, pin.code], ["2", "NEW2"])
        assert.lengthOf(server.requests, 2)
      })
    )

    it.scoped("an account: only its id is needed", () =>
      Effect.gen(function* () {
        const drifted = ["uuid", "username", "title", "friendlyName", "email", "thumb", "home", "restricted"].flatMap(
          (field) => [undefined, null, {}, [], 1, true, "?"].map((value) => accountBody({ [field]: value }))
        )
        const wrong = [undefined, null, "7", 1.5, {}].map((id) => accountBody({ id }))
        const { run } = yield* bench({ client, script: [...drifted, ...wrong].map((body) => json(body)) })
        for (const body of drifted) assert.strictEqual((yield* valueOf(yield* run(account))).id, 7, body)
        for (const body of wrong) {
          const error = yield* errorOf(yield* run(account))
          assert.deepStrictEqual(error._tag === "InvalidResponse" ? error.paths : error, ["id"], body)
        }
      })
    )

    it.scoped("case 47: what has no nonce in it is an InvalidResponse, and no other request is made", () =>
      Effect.gen(function* () {
        const words = [
          undefined,
          null,
          "",
          7,
          true,
          {},
          [],
          ["word"],
          "two words",
          "Ünicode",
          "a\r\nb",
          "x".repeat(256)
        ]
        const script = words.map((word) => json(JSON.stringify({ nonce: word })))
        const { run, server } = yield* bench({ client, script: [...script, html(200)] })
        for (const word of words) {
          const error = yield* errorOf(yield* run(nonce))
          assert.deepStrictEqual(error._tag === "InvalidResponse" ? error.paths : error, ["nonce"], String(word))
        }
        const error = yield* errorOf(yield* run(nonce))
        assert.strictEqual(error._tag === "InvalidResponse" ? error.reason : error, "notJson")
        assert.lengthOf(server.requests, words.length + 1)
      })
    )

    it.scoped("an exchange gives a token that can be sent, or is an InvalidResponse", () =>
      Effect.gen(function* () {
        const wrong = [
          undefined,
          null,
          "",
          12345,
          true,
          {},
          ["T"],
          "with blank",
          "Ünicode",
          "a\r\nX: 1",
          "x".repeat(8193)
        ]
        const script = [json('{"auth_token":"h.p.s","more":[1]}', { status: 201 })]
        const { run } = yield* bench({
          client,
          script: [...script, ...wrong.map((auth_token) => json(JSON.stringify({ auth_token })))]
        })
        assert.strictEqual(Redacted.value(yield* valueOf(yield* run(exchangeJwt))), "h.p.s")
        for (const token of wrong) {
          const error = yield* errorOf(yield* run(exchangeJwt))
          assert.deepStrictEqual(error._tag === "InvalidResponse" ? error.paths : error, ["auth_token"], String(token))
        }
      })
    )

    it.scoped("what answers a registration with a page did not register", () =>
      Effect.gen(function* () {
        const { run } = yield* bench({ client, script: [html(200), json("{}"), json(""), respond({ status: 204 })] })
        const error = yield* errorOf(yield* run(registerKey))
        assert.strictEqual(error._tag === "InvalidResponse" ? error.reason : error, "notJson")
        for (let i = 0; i < 3; i += 1) yield* valueOf(yield* run(registerKey))
      })
    )

    it.scoped("case 50: keys that are malformed, or of a type that is not known, are skipped", () =>
      Effect.gen(function* () {
        const x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        const plain = { kty: "OKP", crv: "Ed25519", x, kid: "2025-09" } as const
        const full = { ...plain, kid: "2026-07", use: "sig", alg: "EdDSA" } as const
        const skipped = [
          { kty: "RSA", n: "AQAB", e: "AQAB", kid: "rsa", use: "sig", alg: "RS256" },
          { kty: "oct", k: x, kid: "secret", alg: "HS256" },
          { ...plain, crv: "X25519" },
          { ...plain, alg: "none" },
          { ...plain, alg: "HS256" },
          { ...plain, use: "enc" },
          ...[undefined, null, "", 7, x.slice(1), `${x}A`, `${x.slice(1)}=`, {}].map((value) => ({
            ...plain,
            x: value
          })),
          ...[undefined, null, "", 7, {}, "k".repeat(256)].map((value) => ({ ...plain, kid: value })),
          ...[undefined, null, "okp", {}].map((value) => ({ ...plain, kty: value })),
          ...[null, 1, "x", true, [], [plain], {}]
        ]
        const { run } = yield* bench({
          client,
          script: [
            json(JSON.stringify({ keys: [...skipped, plain, ...skipped, { ...full, more: [1] }] })),
            json('{"keys":[]}')
          ]
        })
        assert.deepStrictEqual(yield* valueOf(yield* run(keys)), [plain, full])
        assert.deepStrictEqual(yield* valueOf(yield* run(keys)), [])
      })
    )

    it.scoped("case 50: a list of keys that is none is an InvalidResponse, never an empty list", () =>
      Effect.gen(function* () {
        const bodies = ["{}", '{"keys":null}', '{"keys":{}}', '{"keys":"x"}', '{"__proto__":{"keys":[]}}']
        const { run } = yield* bench({ client, script: bodies.map((body) => json(body)) })
        for (const body of bodies) {
          const error = yield* errorOf(yield* run(keys))
          assert.deepStrictEqual(error._tag === "InvalidResponse" ? error.paths : error, ["keys"], body)
        }
      })
    )

    it.scoped("case 46: the clock of plex.tv is that of the last Date, of an answer of any kind", () =>
      Effect.gen(function* () {
        const dated = (date: string, more: Readonly<Record<string, string>> = {}) => ({
          headers: { Date: date, ...more }
        })
        yield* TestClock.setTime(Date.parse("2026-07-24T10:00:00Z"))
        const steps: ReadonlyArray<readonly [name: string, step: typeof reset, offset: number]> = [
          ["no Date", json('{"nonce":"a"}'), 0],
          ["ahead", json('{"nonce":"a"}', dated("Fri, 24 Jul 2026 10:10:00 GMT")), 600_000],
          ["no Date again", json('{"nonce":"a"}'), 600_000],
          ["behind", json('{"nonce":"a"}', dated("Thu, 23 Jul 2026 10:00:00 GMT")), -86_400_000],
          ["out of a cache", json('{"nonce":"a"}', dated("Fri, 24 Jul 2026 10:00:00 GMT", { Age: "0" })), -86_400_000],
          ["nonsense", json('{"nonce":"a"}', dated("tomorrow")), -86_400_000],
          ["a number", json('{"nonce":"a"}', dated("1784887200")), -86_400_000],
          ["an ISO date", json('{"nonce":"a"}', dated("2026-07-24T10:00:00Z")), -86_400_000],
          [
            "a refusal",
            plexError(422, 1998, "Signature verification failed", dated("Fri, 24 Jul 2026 10:00:05 GMT")),
            5000
          ],
          ["trouble", html(503, dated("Fri, 24 Jul 2026 10:00:06 GMT")), 6000],
          ["not even JSON", html(200, dated("Fri, 24 Jul 2026 10:00:07 GMT")), 7000],
          ["a redirect", html(302, { ...dated("Fri, 24 Jul 2026 10:00:08 GMT", { Location: "/" }) }), 8000],
          ["no answer", reset, 8000],
          ["the same", json('{"nonce":"a"}', dated("Fri, 24 Jul 2026 10:00:00 GMT")), 0]
        ]
        const { run } = yield* bench({ client, script: steps.map(([, step]) => step) })
        assert.strictEqual(yield* valueOf(yield* run(clockOffset)), 0)
        for (const [name, , offset] of steps) {
          yield* run(nonce)
          assert.strictEqual(yield* valueOf(yield* run(clockOffset)), offset, name)
        }
      })
    )

    it.scoped("threat 8: an account whose id is deep is malformed", () =>
      Effect.gen(function* () {
        const { run } = yield* bench({ client, script: [json(`{"id":${deep(20_000)}}`)] })
        const error = yield* errorOf(yield* run(account))
        assert.deepStrictEqual(error._tag === "InvalidResponse" ? error.paths : error, ["id"])
      })
    )
  })
}

type Expected = Readonly<Record<string, unknown>>

/** An answer, and what each operation fails with; where one error is given, all of them do with that. */
interface Row {
  readonly name: string
  readonly step: typeof reset
  readonly expected: Readonly<Record<(typeof operations)[number][0] | (typeof keyOperations)[number][0], Expected>>
}

const row = (name: string, step: typeof reset, all: Expected, of: Partial<Row["expected"]> = {}): Row => ({
  name,
  step,
  expected: {
    createPin: all,
    getToken: all,
    account: all,
    registerKey: all,
    nonce: all,
    exchangeJwt: all,
    keys: all,
    ...of
  }
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

const notSigned = (code?: number): Expected => ({
  _tag: "DeviceJwtRejected",
  status: 422,
  ...(code === undefined ? {} : { code })
})

const taken: Expected = { _tag: "DeviceKeyTaken", status: 422, code: 1998 }

/** What is asked without a token can't have an expired one. */
const notExpired: Expected = { _tag: "Rejected", status: 498, code: 1001, reason: "Token expired" }

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
  row(
    "422 with another message",
    plexError(422, 1008, "Device name is not valid"),
    { _tag: "Rejected", status: 422, code: 1008, reason: "Device name is not valid" },
    { exchangeJwt: notSigned(1008) }
  ),
  row("422 with Invalid token, and words about a signature", plexError(422, 1998, "Invalid token: bad JWT signature"), {
    _tag: "Unauthorized",
    status: 422,
    code: 1998
  }),
  row("400 with words about a signature", plexError(400, 1004, "Malformed JWT signature"), {
    _tag: "Rejected",
    status: 400,
    code: 1004,
    reason: "Malformed JWT signature"
  }),
  row("422 in HTML", html(422), { _tag: "Rejected", status: 422 }, { exchangeJwt: notSigned() }),
  ...["Signature verification failed", "Malformed JWT"].map((reason) =>
    row(
      `case 49: 422 ${reason}`,
      plexError(422, 1998, reason),
      { _tag: "Rejected", status: 422, code: 1998, reason },
      { getToken: notSigned(1998), exchangeJwt: notSigned(1998) }
    )
  ),
  ...["Thumbprint already taken", "thumbprint Already Taken"].map((reason) =>
    row(
      `case 49: 422 ${reason}`,
      plexError(422, 1998, reason),
      { _tag: "Rejected", status: 422, code: 1998, reason },
      { createPin: taken, registerKey: taken, exchangeJwt: taken }
    )
  ),
  row(
    "case 49: 422 Thumbprint already taken in XML",
    xml(422, '<errors><error code="1998" message="Thumbprint already taken" status="422"/></errors>'),
    { _tag: "Rejected", status: 422, code: 1998, reason: "Thumbprint already taken" },
    { createPin: taken, registerKey: taken, exchangeJwt: taken }
  ),
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
      createPin: notExpired,
      nonce: notExpired,
      keys: notExpired
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
          for (const [operation, call] of [...operations, ...keyOperations]) {
            const error = yield* errorOf(yield* run<unknown, PlexAuthError>(once(call)))
            assert.deepStrictEqual(encoded(error), of(expected[operation], operation))
          }
          assert.lengthOf(server.requests, 7)
        })
      )
    }

    it.scoped("case 22: without a client identifier anywhere nothing is sent", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [reset], info: { product: "Raw Bytes" } })
        const missing = { _tag: "ClientIdentifierMissing" }
        assert.deepStrictEqual(encoded(yield* errorOf(yield* run(anyPin))), of(missing, "createPin"))
        assert.deepStrictEqual(encoded(yield* errorOf(yield* run(anyToken))), of(missing, "getToken"))
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
