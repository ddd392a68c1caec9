import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { refusalBody } from "../../src/internal/refusalBody.js"
import type { RefusalBody } from "../../src/internal/refusalBody.js"

const nothing: RefusalBody = { code: undefined, reason: undefined }

const notFound: RefusalBody = { code: 1020, reason: "Code not found or expired" }

const deep = "[".repeat(100_000) + "]".repeat(100_000)

const examples: ReadonlyArray<readonly [name: string, body: string, expected: RefusalBody]> = [
  ["JSON", '{"errors":[{"code":1020,"message":"Code not found or expired","status":404}]}', notFound],
  ["JSON with blanks before it", '\r\n {"errors":[{"code":1020,"message":"Code not found or expired"}]}', notFound],
  ["the first of several", '{"errors":[{"code":1,"message":"a"},{"code":2,"message":"b"}]}', { code: 1, reason: "a" }],
  ["a code as a string", '{"errors":[{"code":"1020"}]}', { code: 1020, reason: undefined }],
  ["a code as nonsense", '{"errors":[{"code":"10x20","message":7}]}', nothing],
  ["a code that is no integer", '{"errors":[{"code":1.5}]}', nothing],
  ["a code beyond reason", '{"errors":[{"code":1e300}]}', nothing],
  ["no errors", '{"error":"x"}', nothing],
  ["errors of another type", '{"errors":{"code":1}}', nothing],
  ["empty errors", '{"errors":[]}', nothing],
  ["errors of null", '{"errors":[null]}', nothing],
  ["errors in errors", '{"errors":[[{"code":1}]]}', nothing],
  ["an array", '[{"code":1020,"message":"x"}]', nothing],
  ["half of it", '{"errors":[{"code":1020', nothing],
  ["nothing", "", nothing],
  ["null", "null", nothing],
  ["case 29: prototype keys", '{"__proto__":{"errors":[{"code":1020}]}}', nothing],
  ["case 29: prototype keys of an error", '{"errors":[{"__proto__":{"code":1020,"message":"x"}}]}', nothing],
  ["case 29: a constructor", '{"errors":[{"constructor":{"code":1},"toString":2}]}', nothing],
  ["threat 8: deep arrays", deep, nothing],
  ["threat 8: deep errors", `{"errors":${deep}}`, nothing],
  ["threat 8: a deep code", `{"errors":[{"code":${deep},"message":${deep}}]}`, nothing],
  [
    "XML",
    '<?xml version="1.0"?>\n<errors><error code="1020" message="Code not found or expired" status="404"/></errors>',
    notFound
  ],
  [
    "XML in another order",
    '<errors><error status="404" message="Code not found or expired" code="1020"></error></errors>',
    notFound
  ],
  ["XML on several lines", '<error\n  code="1020"\n  message="Code not found or expired"\n/>', notFound],
  [
    "XML with entities",
    '<error code="1" message="a &lt;b&gt; &amp;amp; &quot;c&quot; &apos;d&apos; &nbsp;"/>',
    { code: 1, reason: `a <b> &amp; "c" 'd' &nbsp;` }
  ],
  ["XML of another name", '<Response code="400" status="Bad"/>', nothing],
  ["XML with attributes of a like name", '<error errorcode="1" submessage="x"/>', nothing],
  ["HTML", "<!doctype html><html><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>", nothing],
  ["HTML that is large", "<p>".repeat(300_000), nothing],
  ["an endless attribute", `<error ${"a".repeat(1_000_000)}`, nothing],
  ["many beginnings", "<error ".repeat(140_000), nothing],
  ["text", "Not found", nothing],
  [
    "a long message",
    JSON.stringify({ errors: [{ message: "word ".repeat(10_000) }] }),
    { code: undefined, reason: "word ".repeat(40) }
  ],
  [
    "a message of lines",
    '{"errors":[{"message":"a\\r\\n\\u0000\\u001b[31mb\\tc"}]}',
    { code: undefined, reason: "a [31mb c" }
  ],
  ["a blank message", '{"errors":[{"message":" \\n "}]}', nothing],
  [
    "a message that names a header",
    '{"errors":[{"code":1000,"message":"X-Plex-Client-Identifier is missing"}]}',
    { code: 1000, reason: "X-Plex-Client-Identifier is missing" }
  ]
]

/** What must never be repeated: a PIN's id, tokens of both kinds, a strong code, a client identifier. */
const secrets = [
  "1272322473",
  "tOkEn-7cAnArY_9xYzQw",
  "xQvCanaryTokenZwpLkm",
  "xQvCa-aryTokenZw_Lkm",
  "eyJhbGciOiJFZERTQSJ9.eyJjYW5hcnkiOjF9.c2lnbmF0dXJlQ2FuYXJ5",
  "c0decanary0123456789abcde",
  "9f0f1c0e-6f7e-4a3e-8f2e-0c1f5b7f3f1d"
]

const around: ReadonlyArray<(secret: string) => string> = [
  (secret) => secret,
  (secret) => `The token ${secret} is gone`,
  (secret) => `token=${secret},`,
  (secret) => `"${secret}".`,
  (secret) => `/pins/${secret}?X-Plex-Token=${secret}`,
  (secret) => `${"and so on ".repeat(19)}${secret}`,
  (secret) => `a\t${secret}\u0000${secret}\n`
]

const letters = (min: number, max: number) =>
  FastCheck.string({
    unit: FastCheck.constantFrom(..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"),
    minLength: min,
    maxLength: max
  })

describe("refusalBody", () => {
  it.each(examples)("%s", (_, body, expected) => {
    assert.deepStrictEqual(refusalBody(body), expected)
  })

  it.each(secrets)("threat 4: %s is not repeated", (secret) => {
    for (const say of around) {
      const message = say(secret)
      const xml = message.replaceAll('"', "&quot;").replaceAll("\0", "")
      for (const body of [JSON.stringify({ errors: [{ code: 1, message }] }), `<error code="1" message="${xml}"/>`]) {
        const { code, reason } = refusalBody(body)
        assert.strictEqual(code, 1)
        assert.isString(reason)
        assert.isFalse(reason?.includes(secret), reason)
      }
    }
  })

  // A legacy token is twenty characters of these. One that begins like a header's name is beyond what a rule can tell.
  it.prop(
    "threat 4: no token is repeated",
    [letters(20, 200).filter((token) => !token.startsWith("X-Plex"))],
    ([token]) => {
      const { reason } = refusalBody(JSON.stringify({ errors: [{ message: `The token ${token} is gone` }] }))
      assert.strictEqual(reason, "The token <redacted> is gone")
    }
  )

  it.prop("never throws on text, and gives one bounded line", [FastCheck.string({ unit: "binary" })], ([text]) => {
    for (const body of [
      text,
      `{${text}`,
      `{"errors":[${text}]}`,
      JSON.stringify({ errors: [{ code: text, message: text }] }),
      `<error ${text}>`,
      `<error code="${text}" message="${text}"/>`
    ]) {
      const { code, reason } = refusalBody(body)
      assert.isTrue(code === undefined || Number.isSafeInteger(code))
      assert.isTrue(
        reason === undefined || (reason.length <= 200 && reason !== "" && !/[\p{Cc}]/u.test(reason)),
        reason
      )
    }
  })

  it.prop("never throws on JSON", [FastCheck.jsonValue()], ([value]) => {
    for (const body of [value, { errors: value }, { errors: [value] }, { errors: [{ code: value, message: value }] }]) {
      const { code } = refusalBody(JSON.stringify(body))
      assert.isTrue(code === undefined || Number.isSafeInteger(code))
    }
  })
})
