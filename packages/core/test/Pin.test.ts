import { describe, it } from "@effect/vitest"
import { assertEquals, assertInstanceOf, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { LinkPin, Pin, StrongPin } from "@plex-auth/core"
import { Duration, Either, Option, Redacted, Schema } from "effect"
import { assertNotPrinted, deepJson, fromJson, printed, storedPin, utc } from "./support.js"

const PinJson = Schema.parseJson(Pin)

const decode = Schema.decodeUnknownEither(Pin)

const link = {
  _tag: "LinkPin",
  id: "1272322473",
  clientIdentifier: "Postman",
  code: "AB12",
  qr: "https://plex.tv/api/v2/pins/qr/AB12",
  product: "My Cool App",
  trusted: false,
  createdAt: "2023-04-12T17:00:03.000Z",
  expiresAt: "2023-04-12T17:15:03.000Z",
  expiresIn: 900_000,
  receivedAt: 1_681_318_803_123
}

describe("Pin", () => {
  it.prop("case 33: goes to JSON and back", [Pin], ([made]) => {
    // JSON has no infinity, and milliseconds have room for whole nanoseconds up to some days.
    const expiresIn = Duration.isFinite(made.expiresIn)
      ? Duration.millis(Math.floor(Duration.toMillis(made.expiresIn)))
      : Duration.hours(1)
    const pin = made._tag === "LinkPin" ? new LinkPin({ ...made, expiresIn }) : new StrongPin({ ...made, expiresIn })
    const again = Schema.decodeSync(PinJson)(Schema.encodeSync(PinJson)(pin))
    assertEquals(again, pin)
    assertInstanceOf(again, made._tag === "LinkPin" ? LinkPin : StrongPin)
  })

  it("case 33: a link PIN is stored as plain fields, and as nothing else", () => {
    const pin = Schema.decodeUnknownSync(LinkPin)(link)
    deepStrictEqual(fromJson(Schema.encodeSync(LinkPin)(pin)), fromJson(link))
    assertEquals(pin.receivedAt, utc(1_681_318_803_123))
    assertEquals(pin.expiresIn, Duration.minutes(15))
    assertEquals(pin.qr, Option.some(link.qr))
  })

  it("case 33: what was stored has id, code, client identifier and deadline, and no more if Plex sent no more", () => {
    const stored = {
      _tag: "StrongPin",
      id: "1",
      clientIdentifier: "Postman",
      code: "0123456789abcdefghijklmno",
      expiresIn: 1_800_000,
      receivedAt: 1
    }
    const pin = Schema.decodeUnknownSync(Pin)(stored)
    assertInstanceOf(pin, StrongPin)
    assertEquals(pin.code, Redacted.make("0123456789abcdefghijklmno"))
    deepStrictEqual(fromJson(Schema.encodeSync(Pin)(pin)), fromJson(stored))
  })

  it("case 39: a strong PIN's code is no text, and a link PIN has no long code", () => {
    assertTrue(Either.isLeft(decode({ ...link, code: "0123456789abcdefghijklmno" })))
    assertTrue(Either.isLeft(decode({ ...link, code: "A B1" })))
    const strong = Schema.decodeUnknownSync(Pin)(storedPin({ _tag: "StrongPin" }))
    assertTrue(Redacted.isRedacted(strong.code))
  })

  it.each([
    { id: "../../user" },
    { id: 1.5 },
    { id: undefined },
    { clientIdentifier: "a\r\nX-Evil: 1" },
    { clientIdentifier: undefined },
    { code: "" },
    { code: undefined },
    { expiresIn: null },
    { expiresIn: -1 },
    { receivedAt: "soon" },
    { receivedAt: null },
    { _tag: "Pin" },
    { _tag: undefined }
  ])("case 16: what was stored and spoilt is refused: %j", (spoilt) => {
    assertTrue(Either.isLeft(decode({ ...link, ...spoilt })))
    assertTrue(Either.isRight(decode(link)))
  })

  it("threat 8: a spoilt store with deep JSON is an error", () => {
    assertTrue(Either.isLeft(decode(storedPin({ expiresIn: deepJson(100_000) }))))
  })

  it("threat 3: print hides the id of both kinds, and a strong PIN's code", () => {
    const linkPin = Schema.decodeUnknownSync(Pin)(link)
    const strongPin = Schema.decodeUnknownSync(Pin)(storedPin({ _tag: "StrongPin", code: "CANARY" }))
    for (const value of [linkPin, [linkPin], strongPin, { strongPin }]) assertNotPrinted(value, "1272322473", "CANARY")
    assertTrue(printed(linkPin).includes("AB12"))
    assertTrue(JSON.stringify(linkPin).includes('"id":"<redacted>"'))
    strictEqual(String(strongPin).startsWith("StrongPin("), true)
  })

  it("the constructor needs no field that Plex may leave out", () => {
    const { clientIdentifier, code, expiresIn, id, receivedAt } = Schema.decodeUnknownSync(LinkPin)(link)
    const pin = new LinkPin({ clientIdentifier, code, expiresIn, id, receivedAt })
    for (const field of [pin.product, pin.trusted, pin.createdAt, pin.expiresAt, pin.qr]) {
      assertEquals<unknown>(field, Option.none())
    }
  })
})
