import * as Headers from "@effect/platform/Headers"
import { assert, describe, it } from "@effect/vitest"
import { Duration, FastCheck } from "effect"
import { retryAfter } from "../../src/internal/retryAfter.js"

const now = Date.UTC(2026, 6, 24, 10, 0, 0)

const seconds = (fields: Readonly<Record<string, string>>) => {
  const duration = retryAfter(Headers.fromInput(fields), now)
  return duration === undefined ? undefined : Duration.toSeconds(duration)
}

const date = "Fri, 24 Jul 2026 10:00:00 GMT"

const examples: ReadonlyArray<readonly [fields: Readonly<Record<string, string>>, expected: number | undefined]> = [
  [{}, undefined],
  [{ "Retry-After": "30" }, 30],
  [{ "RETRY-AFTER": " 30 " }, 30],
  [{ "Retry-After": "0" }, 0],
  [{ "Retry-After": "007" }, 7],
  [{ "Retry-After": "86400" }, 86_400],
  [{ "Retry-After": "999999999" }, 999_999_999],
  [{ "Retry-After": "9999999999" }, undefined],
  [{ "Retry-After": "" }, undefined],
  [{ "Retry-After": "-1" }, undefined],
  [{ "Retry-After": "1.5" }, undefined],
  [{ "Retry-After": "1e3" }, undefined],
  [{ "Retry-After": "0x10" }, undefined],
  [{ "Retry-After": "soon" }, undefined],
  [{ "Retry-After": "2026-07-24" }, undefined],
  [{ "Retry-After": "Xyz, 99 Foo 2026 99:99:99 GMT" }, undefined],
  [{ "Retry-After": "Fri, 24 Jul 2026 10:01:30 GMT" }, 90],
  [{ "Retry-After": "Fri, 24 Jul 2026 09:59:00 GMT" }, 0],
  // By the server's clock, where it tells its time: here that is an hour ahead of ours, and an hour behind.
  [{ "Retry-After": "Fri, 24 Jul 2026 11:01:30 GMT", Date: "Fri, 24 Jul 2026 11:00:00 GMT" }, 90],
  [{ "Retry-After": "Fri, 24 Jul 2026 09:01:30 GMT", Date: "Fri, 24 Jul 2026 09:00:00 GMT" }, 90],
  [{ "Retry-After": date, Date: "Fri, 24 Jul 2026 11:00:00 GMT" }, 0],
  [{ "Retry-After": "Fri, 24 Jul 2026 10:01:30 GMT", Date: "yesterday" }, 90],
  // The second of the three forms of RFC 9110, section 5.6.7.
  [{ "Retry-After": "Friday, 24-Jul-26 10:01:30 GMT" }, 90]
]

describe("retryAfter", () => {
  it.each(examples)("case 3: %j is %j s", (fields, expected) => {
    assert.strictEqual(seconds(fields), expected)
  })

  it.prop("is never below zero and never endless", [FastCheck.string(), FastCheck.string()], ([value, sent]) => {
    const duration = retryAfter(Headers.unsafeFromRecord({ "retry-after": value, date: sent }), now)
    if (duration === undefined) return
    assert.isTrue(Duration.isFinite(duration) && Duration.greaterThanOrEqualTo(duration, Duration.zero))
  })

  it.prop("seconds are read as they are", [FastCheck.nat()], ([value]) => {
    assert.strictEqual(seconds({ "Retry-After": String(value) }), value > 999_999_999 ? undefined : value)
  })

  it.prop("a date says the time until then", [FastCheck.integer({ min: -100_000, max: 100_000_000 })], ([ahead]) => {
    const until = new Date(now + ahead * 1000).toUTCString()
    assert.strictEqual(seconds({ "Retry-After": until }), Math.max(0, ahead))
  })
})
