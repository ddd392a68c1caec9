import { describe, it } from "@effect/vitest"
import { assertTrue, strictEqual } from "@effect/vitest/utils"
import { SecureUrl } from "@plex-auth/core"
import { Either, FastCheck, Schema } from "effect"
import { assertNotPrinted, deepJson } from "./support.js"

const decode = Schema.decodeUnknownEither(SecureUrl)

const rules = {
  url: "must be a URL",
  scheme: "must begin with https://, or with http:// and a loopback address such as 127.0.0.1",
  user: "must not have a user name or a password in it"
}

describe("SecureUrl", () => {
  it.each([
    ...[
      "https://plex.tv/api/v2",
      "https://example.com:8443/cb?x=1#y",
      "HTTPS://EXAMPLE.COM/",
      "https://[2001:db8::1]/"
    ],
    ...[
      "http://127.0.0.1:3000/cb",
      "http://127.9.9.9/",
      "http://localhost:1/",
      "http://LOCALHOST/",
      "http://[::1]:8080/"
    ]
  ])("threat 6: takes %s as it is", (url) => {
    strictEqual(Either.getOrThrow(decode(url)), url)
  })

  it.each([
    ...["", " ", "plex.tv", "/cb", "//example.com/cb", "https://", "https://exa mple.com/", "http://[::1"].map(
      (url) => [url, rules.url]
    ),
    ...[
      "http://example.com/",
      "http://plex.tv/",
      "http://10.0.0.1/",
      "http://0.0.0.0/",
      "http://127.0.0.1.example.com/"
    ].map((url) => [url, rules.scheme]),
    ...["http://localhost.example.com/", "http://example.com/127.0.0.1", "http://example.com#127.0.0.1"].map((url) => [
      url,
      rules.scheme
    ]),
    ...[
      "javascript:alert(1)",
      "JavaScript:alert(1)",
      "data:text/html,x",
      "file:///etc/passwd",
      "ftp://127.0.0.1/",
      "ws://localhost/",
      "blob:https://plex.tv/1"
    ].map((url) => [url, rules.scheme]),
    ...[
      "https://user@example.com/",
      "https://user:secret@example.com/",
      "https://:secret@example.com/",
      "https://plex.tv@example.com/",
      "http://a@127.0.0.1/"
    ].map((url) => [url, rules.user])
  ])("threat 6: threat 12: refuses %s: %s", (url = "", rule = "") => {
    const decoded = decode(url)
    assertTrue(Either.isLeft(decoded))
    assertTrue(decoded.left.message.includes(rule), decoded.left.message)
  })

  it.each([null, undefined, 1, true, [], ["https://plex.tv/"], {}].map((value) => ({ value })))(
    "refuses $value, which is no text",
    ({ value }) => {
      const decoded = decode(value)
      assertTrue(Either.isLeft(decoded))
      assertTrue(decoded.left.message.includes(rules.url), decoded.left.message)
    }
  )

  it("threat 8: JSON that is nested deep is an error that can be read", () => {
    const decoded = decode(deepJson(100_000))
    assertTrue(Either.isLeft(decoded))
    assertTrue(decoded.left.message.includes(rules.url))
  })

  it.prop(
    "whatever decodes is https or loopback, without a user",
    [
      FastCheck.oneof(
        FastCheck.webUrl({ validSchemes: ["http", "https", "ftp"], withFragments: true }),
        FastCheck.string()
      )
    ],
    ([text]) => {
      const decoded = decode(text)
      if (Either.isLeft(decoded)) {
        assertTrue(!text.startsWith("https://") || !URL.canParse(text) || new URL(text).username !== "")
        return
      }
      const url = new URL(decoded.right)
      assertTrue(
        url.protocol === "https:" || ["localhost", "[::1]"].includes(url.hostname) || url.hostname.startsWith("127.")
      )
      strictEqual(url.username + url.password, "")
    }
  )

  it.prop(
    "the error does not quote it",
    [FastCheck.constantFrom("http://example.com/", "https://a@example.com/", "javascript:", "")],
    ([prefix]) => {
      const decoded = decode(`${prefix}CANARY`)
      assertTrue(Either.isLeft(decoded))
      assertNotPrinted(decoded.left, "CANARY")
    }
  )
})
