import { describe, it } from "@effect/vitest"
import { assertEquals, assertTrue, strictEqual } from "@effect/vitest/utils"
import { Account } from "@plex-auth/core"
import { Either, FastCheck, Option, Record, Redacted, Schema } from "effect"
import { drift } from "./samples.js"
import { anyJson, assertNotPrinted, deepJson } from "./support.js"

const decode = Schema.decodeUnknownEither(Account)

const decoded = (json: unknown) => Either.getOrThrowWith(decode(json), (error) => error)

const extras = {
  uuid: "0123456789abcdef",
  username: "alice",
  title: "Alice A.",
  friendlyName: "Alice",
  email: "alice@example.com",
  thumb: "https://plex.tv/users/0123456789abcdef/avatar",
  home: true,
  restricted: false
}

const fields = Record.keys(extras)

describe("Account", () => {
  it("all of it is there to be read", () => {
    const account = decoded({ id: 7, ...extras })
    strictEqual(account.id, 7)
    for (const field of fields) {
      if (field === "email") continue
      assertEquals<unknown>(account[field], Option.some(extras[field]))
    }
    assertEquals(account.email, Option.some(Redacted.make("alice@example.com")))
  })

  it.each(fields.flatMap((field) => [undefined, ...drift].map((value) => ({ field, value }))))(
    "$field: $value does not matter",
    ({ field, value }) => {
      const account = decoded({ id: 7, ...extras, [field]: value })
      assertTrue(Option.isOption(account[field]))
      if (value === undefined || value === null) assertEquals(account[field], Option.none())
      assertTrue(account.displayName.trim() !== "")
    }
  )

  it.prop(
    "any JSON in any field but the id",
    [
      FastCheck.integer(),
      FastCheck.record(
        Record.map(extras, () => anyJson),
        { requiredKeys: [] }
      )
    ],
    ([id, json]) => {
      const account = decoded({ ...json, id })
      strictEqual(account.id, id)
      assertTrue(account.displayName.trim() !== "")
    }
  )

  it.each([undefined, null, "7", 1.5, 1e21, {}, [], true].map((id) => ({ id })))(
    "id $id makes the answer malformed",
    ({ id }) => {
      assertTrue(Either.isLeft(decode({ ...extras, id })))
    }
  )

  it("case 10: what is no account is never one", () => {
    for (const json of [null, [], "x", 1, true, {}, [{ id: 7 }]]) assertTrue(Either.isLeft(decode(json)))
  })

  it("is called by the first name that is not blank", () => {
    const name = (json: object) => decoded({ id: 7, ...json }).displayName
    strictEqual(name(extras), "Alice")
    strictEqual(name({ ...extras, friendlyName: null }), "Alice A.")
    strictEqual(name({ ...extras, friendlyName: " ", title: "" }), "alice")
    strictEqual(name({ title: "\u001b[2J\u0007", username: "al\r\n\tice\u009b" }), "[2J")
    strictEqual(name({ friendlyName: "\0\u007f", username: " al\r\n\tice\u009b" }), "al ice")
    strictEqual(name({ username: null, email: "alice@example.com" }), "user 7")
  })

  it("case 40: does not keep the token that Plex sends with it, and does not print the e-mail address", () => {
    const account = decoded({ id: 7, ...extras, authToken: "CANARY" })
    assertTrue(!Object.keys(account).includes("authToken"))
    assertNotPrinted(account, "CANARY", "alice@example.com")
  })

  it("threat 8: threat 9: takes JSON that is nested deep, and no prototype keys", () => {
    strictEqual(decoded({ id: 7, subscription: deepJson(100_000), username: deepJson(100_000) }).displayName, "user 7")
    assertTrue(Either.isLeft(decode(JSON.parse('{"__proto__":{"id":7}}'))))
  })

  it("threat 8: an id that is nested deep is an error that can be read", () => {
    const answer = decode({ ...extras, id: deepJson(100_000) })
    assertTrue(Either.isLeft(answer))
    assertTrue(answer.left.message.includes("id"))
  })

  it.prop("decodes to itself after it was encoded", [Account], ([account]) => {
    assertEquals(decoded(Schema.encodeSync(Account)(account)), account)
  })
})
