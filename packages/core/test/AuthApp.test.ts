import { describe, it } from "@effect/vitest"
import { assertEquals, assertInstanceOf, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { AuthApp, InvalidRequest, LinkPin, Pin, PlexAuthTest, PlexClientInfo, StrongPin } from "@plex-auth/core"
import { Effect, FastCheck, Redacted, Schema } from "effect"
import { assertNotPrinted, storedPin } from "./support.js"

describe("linkUrl", () => {
  it.effect("case 39: is the link page with the code filled in", () =>
    Effect.gen(function* () {
      const pin = yield* PlexAuthTest.linkPin({ code: "WXYZ" })
      strictEqual(AuthApp.linkUrl(pin), "https://plex.tv/link/?pin=WXYZ")
    })
  )

  it.prop("threat 3: has the code in it and nothing else of the PIN", [LinkPin], ([pin]) => {
    const url = new URL(AuthApp.linkUrl(pin))
    strictEqual(url.origin + url.pathname, "https://plex.tv/link/")
    strictEqual(url.search, `?pin=${pin.code}`)
    strictEqual(url.hash, "")
  })
})

const strongPin = (fields: Readonly<Record<string, unknown>> = {}) => {
  const pin = Schema.decodeUnknownSync(Pin)(
    storedPin({ _tag: "StrongPin", code: "0123456789abcdefghijklmno", ...fields })
  )
  assertInstanceOf(pin, StrongPin)
  return pin
}

const everything: PlexClientInfo.Options = {
  clientIdentifier: "of-the-app",
  product: "My Cool App",
  version: "2.4.1",
  platform: "Linux",
  platformVersion: "6.1",
  device: "PC",
  deviceName: "Living Room TV",
  model: "X1",
  deviceVendor: "ACME"
}

/** What the page reads out of its fragment. */
const parameters = (url: string) => {
  assertTrue(url.startsWith("https://app.plex.tv/auth#?"), url)
  return Object.fromEntries(new URLSearchParams(url.slice("https://app.plex.tv/auth#?".length)))
}

describe("url", () => {
  it.effect("has the client identifier of the PIN, its code, and the device", () =>
    Effect.gen(function* () {
      const client = yield* PlexClientInfo.make(everything)
      const forwardUrl = yield* AuthApp.forwardUrl("https://example.com/plex/callback")
      const options = { forwardUrl, screenResolution: "1920x1080", layout: "desktop" }
      deepStrictEqual(parameters(AuthApp.url(strongPin(), client, options)), {
        clientID: "Postman",
        code: "0123456789abcdefghijklmno",
        "context[device][product]": "My Cool App",
        "context[device][version]": "2.4.1",
        "context[device][platform]": "Linux",
        "context[device][platformVersion]": "6.1",
        "context[device][device]": "PC",
        "context[device][deviceName]": "Living Room TV",
        "context[device][model]": "X1",
        "context[device][screenResolution]": "1920x1080",
        "context[device][layout]": "desktop",
        forwardUrl: "https://example.com/plex/callback"
      })
    })
  )

  it.effect("has no parameter for what it does not know", () =>
    Effect.gen(function* () {
      const client = yield* PlexClientInfo.make({ product: "My Cool App" })
      strictEqual(
        AuthApp.url(strongPin(), client),
        "https://app.plex.tv/auth#?clientID=Postman&code=0123456789abcdefghijklmno" +
          "&context%5Bdevice%5D%5Bproduct%5D=My%20Cool%20App"
      )
    })
  )

  it.effect("case 38: gives back each exact value", () =>
    Effect.gen(function* () {
      const client = yield* PlexClientInfo.make({ product: "a&b=c#d e", deviceName: "+%20?[x]/\\\"'<>" })
      const forwardUrl = yield* AuthApp.forwardUrl("https://example.com/cb?state=a%26b&next=%2Fhome#top")
      const read = parameters(AuthApp.url(strongPin({ code: "a&code=b#" }), client, { forwardUrl }))
      strictEqual(read["context[device][product]"], "a&b=c#d e")
      strictEqual(read["context[device][deviceName]"], "+%20?[x]/\\\"'<>")
      strictEqual(read["forwardUrl"], "https://example.com/cb?state=a%26b&next=%2Fhome#top")
      strictEqual(read["code"], "a&code=b#")
      strictEqual(read["clientID"], "Postman")
    })
  )

  it.effect.prop(
    "case 37: case 38: any name comes through, in ASCII",
    [FastCheck.string({ unit: "grapheme", minLength: 1, maxLength: 50 }).map((text) => `x${text}`)],
    ([name]) =>
      Effect.gen(function* () {
        const client = yield* PlexClientInfo.make({ product: name, deviceName: name })
        const url = AuthApp.url(strongPin(), client)
        assertTrue(/^[!-~]+$/.test(url))
        strictEqual(parameters(url)["context[device][product]"], name)
        strictEqual(parameters(url)["context[device][deviceName]"], name)
      }),
    { fastCheck: { numRuns: 30 } }
  )

  it.effect("case 37: half of a character does not break it", () =>
    Effect.gen(function* () {
      const client = yield* PlexClientInfo.make({ product: "a\ud83c", deviceName: "\udfacb 🎬" })
      const read = parameters(AuthApp.url(strongPin(), client))
      strictEqual(read["context[device][product]"], "a\ufffd")
      strictEqual(read["context[device][deviceName]"], "\ufffdb 🎬")
    })
  )

  it.prop("case 38: threat 3: has no id of the PIN in it", [StrongPin], ([pin]) => {
    const read = parameters(AuthApp.url(pin, { product: "My Cool App" }))
    deepStrictEqual(Object.keys(read), ["clientID", "code", "context[device][product]"])
    strictEqual(read["clientID"], pin.clientIdentifier)
    strictEqual(read["code"], Redacted.value(pin.code))
  })
})

describe("forwardUrl", () => {
  it.effect("threat 12: takes https and loopback, as text and as a URL", () =>
    Effect.gen(function* () {
      for (const address of [
        "https://example.com/cb?x=1#y",
        "http://127.0.0.1:3000/cb",
        "http://[::1]:8080/",
        "http://localhost/"
      ]) {
        assertEquals<string>(yield* AuthApp.forwardUrl(address), address)
        assertEquals<string>(yield* AuthApp.forwardUrl(new URL(address)), address)
      }
    })
  )

  it.effect("threat 12: refuses everything else, without quoting it", () =>
    Effect.gen(function* () {
      for (const address of [
        "",
        "CANARY",
        "javascript:CANARY",
        "http://example.com/CANARY",
        "https://CANARY:x@example.com/"
      ]) {
        const error = yield* Effect.flip(AuthApp.forwardUrl(address))
        assertInstanceOf(error, InvalidRequest)
        deepStrictEqual(
          error.issues.map(({ field }) => field),
          ["forwardUrl"]
        )
        assertNotPrinted(error, "CANARY")
      }
    })
  )
})
