import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { unreachable } from "../../src/internal/unreachable.js"

const coded = (code: unknown, cause?: unknown) => Object.assign(new Error("secret text", { cause }), { code })

const reasons: ReadonlyArray<readonly [code: string, reason: string]> = [
  ["ENOTFOUND", "dns"],
  ["EAI_AGAIN", "dns"],
  ["ECONNREFUSED", "refused"],
  ["ConnectionRefused", "refused"],
  ["CERT_HAS_EXPIRED", "tls"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "tls"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "tls"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "tls"],
  ["EPROTO", "tls"],
  ["ECONNRESET", "reset"],
  ["EPIPE", "reset"],
  ["UND_ERR_SOCKET", "reset"],
  ["ETIMEDOUT", "timeout"],
  ["UND_ERR_CONNECT_TIMEOUT", "timeout"],
  ["UND_ERR_HEADERS_TIMEOUT", "timeout"],
  ["EHOSTUNREACH", "connection"],
  ["ENETUNREACH", "connection"],
  ["HPE_INVALID_CONSTANT", "connection"]
]

describe("unreachable", () => {
  it.each(reasons)("%s is %s, however deep it is", (code, reason) => {
    const error = coded(code)
    for (const thrown of [
      error,
      { code },
      new Error("outer", { cause: error }),
      new Error("outermost", { cause: new Error("outer", { cause: error }) }),
      new Error("outer", { cause: new AggregateError([error, coded("EHOSTUNREACH")]) }),
      coded(17, error),
      coded("not a code", error)
    ]) {
      const { detail, operation, reason: found, ...rest } = unreachable("PlexAuth.getToken", thrown, "connection")
      assert.deepStrictEqual([operation, found, detail], ["PlexAuth.getToken", reason, code])
      assert.isUndefined(rest.status)
    }
  })

  it("is what is usual where the runtime has no code for it", () => {
    for (const thrown of [
      undefined,
      null,
      "text",
      7,
      new Error("secret text"),
      new AggregateError([]),
      { cause: null }
    ]) {
      for (const usual of ["connection", "reset"] as const) {
        const { detail, reason } = unreachable("PlexAuth.getToken", thrown, usual)
        assert.deepStrictEqual([reason, detail], [usual, undefined])
      }
    }
  })

  it("threat 4: nothing but a code is told", () => {
    for (const code of ["secret text", "a b", "x".repeat(65), "1A", "https://plex.tv", ""]) {
      const error = unreachable("PlexAuth.getToken", coded(code), "connection")
      assert.isUndefined(error.detail)
      assert.notInclude(error.message + JSON.stringify(error), "secret")
    }
  })

  it("comes to an end in a circle of causes", () => {
    const error = new Error("a")
    error.cause = new Error("b", { cause: error })
    assert.strictEqual(unreachable("PlexAuth.getToken", error, "reset").reason, "reset")
  })

  it.prop("never throws", [FastCheck.anything()], ([thrown]) => {
    assert.strictEqual(unreachable("PlexAuth.getToken", thrown, "reset")._tag, "PlexUnavailable")
  })
})
