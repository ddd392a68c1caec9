import type * as Headers from "@effect/platform/Headers"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const mostBytes = 1024 * 1024

export interface Body {
  readonly text: string
  readonly length: number
}

const nothing: Body = { text: "", length: 0 }

/**
 * Whether the body can't be larger than it says. What is compressed can, and in a page a server of another origin is not
 * shown to compress.
 */
const isBounded = (headers: Headers.Headers): boolean =>
  /^[0-9]{1,7}$/.test(headers["content-length"] ?? "") &&
  Number(headers["content-length"]) <= mostBytes &&
  (headers["content-encoding"] ?? "identity") === "identity" &&
  headers["transfer-encoding"] === undefined &&
  !("origin" in globalThis)

/**
 * The body as text, without a byte order mark. It is read to its end, or let go when it is larger than 1 MiB: a body that
 * is left unread keeps its connection. The bytes are counted as they come out of the client, decompressed. A response makes
 * its headers anew each time that it is asked, so they are handed on.
 */
export const readBody = (
  response: HttpClientResponse.HttpClientResponse,
  headers: Headers.Headers = response.headers
): Effect.Effect<Body, "tooLarge" | HttpClientError.ResponseError> =>
  isBounded(headers) ? readWhole(response, Number(headers["content-length"])) : readStream(response)

const readWhole = (
  response: HttpClientResponse.HttpClientResponse,
  length: number
): Effect.Effect<Body, "tooLarge" | HttpClientError.ResponseError> =>
  Effect.flatMap(response.text, (text) =>
    // A client that is not of the platform may give more than its headers say.
    text.length > mostBytes ? Effect.fail("tooLarge" as const) : Effect.succeed({ text, length })
  )

const readStream = (
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<Body, "tooLarge" | HttpClientError.ResponseError> =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    return response.stream.pipe(
      Stream.runFoldEffect(nothing, ({ length, text }, bytes) =>
        length + bytes.byteLength > mostBytes
          ? Effect.fail("tooLarge" as const)
          : Effect.succeed({
              text: text + decoder.decode(bytes, { stream: true }),
              length: length + bytes.byteLength
            })
      ),
      Effect.map(({ length, text }) => ({ text: text + decoder.decode(), length })),
      // A stream of no body at all is an error to platform's fetch client.
      Effect.catchIf(
        (error) => error !== "tooLarge" && error.reason === "EmptyBody",
        () => Effect.succeed(nothing)
      )
    )
  })
