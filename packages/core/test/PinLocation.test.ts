import { describe, it } from "@effect/vitest"
import { assertEquals, assertTrue, strictEqual } from "@effect/vitest/utils"
import { PinLocation } from "@plex-auth/core"
import { FastCheck, Option, Record, Schema } from "effect"
import { drift, location } from "./samples.js"
import { anyJson } from "./support.js"

const decode = Schema.decodeUnknownSync(PinLocation)

const members = Record.keys(location)

describe("PinLocation", () => {
  it("all eleven members are there to be read", () => {
    const where = decode(location)
    strictEqual(members.length, 11)
    for (const member of members) assertEquals<unknown>(where[member], Option.some(location[member]))
  })

  it.each(members.flatMap((member) => [undefined, ...drift].map((value) => ({ member, value }))))(
    "case 13: $member: $value costs no other member",
    ({ member, value }) => {
      const where = decode({ ...location, [member]: value })
      assertTrue(Option.isOption(where[member]))
      if (value === undefined || value === null) assertEquals<unknown>(where[member], Option.none())
      for (const other of members) if (other !== member) strictEqual(where[other]._tag, "Some")
    }
  )

  it("case 14: postal_code in every form in which it was seen", () => {
    const read = (postal_code: unknown) => decode({ ...location, postal_code }).postal_code
    assertEquals(read(78732), Option.some("78732"))
    assertEquals(read("78732"), Option.some("78732"))
    assertEquals(read("SW1A 1AA"), Option.some("SW1A 1AA"))
    for (const none of [null, {}, undefined, [], true]) assertEquals(read(none), Option.none())
    assertEquals(decode(Record.remove(location, "postal_code")).postal_code, Option.none())
  })

  it.prop(
    "any JSON in any member",
    [
      FastCheck.record(
        Record.map(location, () => anyJson),
        { requiredKeys: [] }
      )
    ],
    ([json]) => {
      const where = decode(json)
      for (const member of members) assertTrue(Option.isOption(where[member]))
    }
  )

  it.prop("decodes to itself after it was encoded", [PinLocation], ([where]) => {
    assertEquals(decode(Schema.encodeSync(PinLocation)(where)), where)
  })
})
