import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { headerText } from "../../src/internal/headerText.js"

/** Any text: half surrogates, controls, and characters of several marks among it. */
const text = FastCheck.oneof(
  FastCheck.string({ unit: "binary" }),
  FastCheck.string({ unit: "grapheme" }),
  FastCheck.string({ unit: FastCheck.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
  FastCheck.string({
    unit: FastCheck.constantFrom("\r", "\n", "\0", " ", "’", "é", "e\u0301", "ﬁ", "½", "¨", "%", "a")
  }),
  // Marks with nothing to stand on, of which nothing is left when marks are dropped.
  FastCheck.string({ unit: FastCheck.constantFrom("\u0301", "¨", "\u200d", " "), maxLength: 3 })
)

const ascii = FastCheck.string({
  unit: FastCheck.integer({ min: 0x20, max: 0x7e }).map((unit) => String.fromCharCode(unit))
})

describe("headerText", () => {
  it.prop("threat 11: is printable ASCII, and begins and ends with no blank", [text], ([name]) => {
    assert.match(headerText(name), /^([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)?$/)
  })

  it.prop("leaves ASCII as it is, but for blanks", [ascii], ([name]) => {
    assert.strictEqual(headerText(name), name.replace(/ +/g, " ").trim())
  })

  it.prop("is idempotent on ASCII", [ascii], ([name]) => {
    assert.strictEqual(headerText(headerText(name)), headerText(name))
  })

  it.prop("reads the composed and the decomposed form of a name alike", [text], ([name]) => {
    assert.strictEqual(headerText(name.normalize("NFD")), headerText(name.normalize("NFC")))
  })

  // The same check that `PlexClientInfo` makes: such a name is no blank one, so it must not become an empty header.
  it.prop("a name that is not blank does not vanish", [text.filter((name) => /[^\s\p{Cc}]/u.test(name))], ([name]) => {
    assert.notStrictEqual(headerText(name), "")
  })

  const examples: ReadonlyArray<readonly [name: string, header: string]> = [
    ["Café", "Cafe"],
    ["Cafe\u0301", "Cafe"],
    // There is no one character for it.
    ["Q\u0303", "Q"],
    ["Bob’s Mac", "Bob's Mac"],
    ["„Zu Hause“ – Wohnzimmer — links", '"Zu Hause" - Wohnzimmer - links'],
    ["Straße Ærø Œuvre ÅÄÖ", "Strasse AEro OEuvre AAO"],
    ["ﬁn", "fin"],
    ["🎬", "%F0%9F%8E%AC"],
    ["客厅 TV", "%E5%AE%A2%E5%8E%85 TV"],
    ["50%", "50%"],
    ["\u0301", "%CC%81"],
    ["¨", "%C2%A8"],
    ["a\r\nX-Evil: 1", "a X-Evil: 1"],
    ["a\u0000\u007f\u0085\u2028b", "a b"],
    ["  a \t b  ", "a b"],
    ["\ud83c", "%EF%BF%BD"],
    ["", ""]
  ]
  it.each(examples)("case 37: %j is %j", (name, header) => {
    assert.strictEqual(headerText(name), header)
  })
})
