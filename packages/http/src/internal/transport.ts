import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { PlexAuthPolicy, PlexUnavailable } from "@plex-auth/core"
import type { InvalidResponse } from "@plex-auth/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { constTrue } from "effect/Function"
import * as MutableRef from "effect/MutableRef"
import * as Option from "effect/Option"
import { clockOffset } from "./clockOffset.js"
import { invalidAnswer, lastSeen } from "./invalidAnswer.js"
import type { Refusal } from "./plexError.js"
import { readBody } from "./readBody.js"
import { refusalBody } from "./refusalBody.js"
import { refuseRedirects } from "./refuseRedirects.js"
import { retryAfter } from "./retryAfter.js"
import { unreachable } from "./unreachable.js"

/**
 * One operation on the wire: its name, the status that the contract declares for its success, what its body begins with
 * (204 has none), what a refusal means.
 */
export interface Operation<E> {
  readonly name: string
  readonly success: 200 | 201 | 204
  readonly body?: "{" | "["
  readonly refused: (refusal: Refusal) => E
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * What stands between the derived client and the network: it says who is asking, and judges status, size, time and
 * redirects before the derived client sees an answer. It neither retries nor makes a span: platform's span would have the
 * token and the URL in it, and would send trace headers to plex.tv. `offset` gets how far the server's clock is ahead.
 */
export const transport = <E>(
  http: HttpClient.HttpClient,
  operation: Operation<E>,
  headers: Readonly<Record<string, string>>,
  offset: MutableRef.MutableRef<number>
): HttpClient.HttpClient.With<E | PlexUnavailable | InvalidResponse> =>
  http.pipe(
    HttpClient.mapRequest((request) =>
      HttpClientRequest.setHeaders(request, {
        ...headers,
        ...request.headers,
        accept: "application/json",
        // undici's client does not decompress.
        "accept-encoding": "identity"
      })
    ),
    HttpClient.withTracerDisabledWhen(constTrue),
    // For a client that logs what it sends: its printer hides these.
    HttpClient.transformResponse(
      Effect.locallyWith(Headers.currentRedactedNames, (names) => [
        ...names,
        "x-plex-token",
        "x-plex-client-identifier"
      ])
    ),
    HttpClient.transformResponse((exchange) =>
      Effect.flatMap(PlexAuthPolicy.resolved, ({ requestTimeout }) =>
        refuseRedirects(exchange).pipe(
          // A client that was made to fail by status has the answer in its error.
          Effect.catchIf(isStatusError, ({ response }) => Effect.succeed(response)),
          Effect.mapError((error) => unreachable(operation.name, error, "connection")),
          Effect.tap(({ headers }) =>
            Effect.map(Clock.currentTimeMillis, (now) => {
              MutableRef.update(offset, (last) => clockOffset(headers, now) ?? last)
            })
          ),
          Effect.flatMap((response) => judge(operation, response)),
          Effect.timeoutFail({
            duration: requestTimeout,
            onTimeout: () => new PlexUnavailable({ operation: operation.name, reason: "timeout" })
          }),
          // A body is read in a fiber of its own, and Effect would log what ends it, with the URL in it.
          Effect.withUnhandledErrorLogLevel(Option.none())
        )
      )
    )
  )

const isStatusError = (error: HttpClientError.HttpClientError): error is HttpClientError.ResponseError =>
  error._tag === "ResponseError" && error.reason === "StatusCode"

/** The token, the PIN of a Home user, and what a device signed. */
const secretsIn = ({ headers, urlParams }: HttpClientRequest.HttpClientRequest): ReadonlyArray<string> =>
  [
    headers["x-plex-token"] ?? "",
    ...urlParams.map(([name, value]) => (name === "pin" || name === "deviceJWT" ? value : ""))
  ].filter((secret) => secret !== "")

const judge = Effect.fnUntraced(function* <E>(
  operation: Operation<E>,
  response: HttpClientResponse.HttpClientResponse
): Effect.fn.Return<HttpClientResponse.HttpClientResponse, E | PlexUnavailable | InvalidResponse> {
  const { headers, request, status } = response
  yield* Effect.annotateCurrentSpan("http.response.status_code", status)
  // fetch in a browser shows a redirect that was not followed as status 0.
  if (status < 200 || (status >= 300 && status < 400)) {
    yield* readRefusal(response)
    return yield* invalidAnswer(operation.name, "redirect", { status, contentType: contentType(headers) })
  }
  if (status >= 400) {
    const text = yield* readRefusal(response)
    const now = yield* Clock.currentTimeMillis
    const refusal = {
      operation: operation.name,
      status,
      ...refusalBody(text, secretsIn(request)),
      retryAfter: retryAfter(headers, now)
    }
    if (refusal.code !== undefined) yield* Effect.annotateCurrentSpan("plex.error_code", refusal.code)
    return yield* Effect.fail(operation.refused(refusal))
  }
  const body = yield* Effect.mapError(readBody(response), (error) =>
    error === "tooLarge"
      ? invalidAnswer(operation.name, "tooLarge", { status, contentType: contentType(headers) })
      : unreachable(operation.name, error, "reset")
  )
  const seen = { status, contentType: contentType(headers), length: body.length }
  const text = body.text.trimStart()
  yield* FiberRef.set(lastSeen, seen)
  // What it did is told by its status. A page in its place, such as that of a hotel, did nothing.
  if (operation.success === 204 && (text === "" || isJson(text))) {
    return HttpClientResponse.fromWeb(request, new Response(null, { status: 204 }))
  }
  if (operation.success === 204 || !text.startsWith(operation.body ?? "{")) {
    return yield* invalidAnswer(operation.name, isJson(text) ? "unexpected" : "notJson", seen)
  }
  return HttpClientResponse.fromWeb(request, new Response(body.text, { status: operation.success }))
})

/** A body that can't be read, or takes its time, takes nothing away from the status. */
const readRefusal = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<string> =>
  readBody(response).pipe(
    Effect.timeout("1 second"),
    Effect.match({ onFailure: () => "", onSuccess: ({ text }) => text })
  )

const contentType = (headers: HttpClientResponse.HttpClientResponse["headers"]): string | undefined =>
  /^[\w.+-]{1,60}\/[\w.+-]{1,60}/.exec(headers["content-type"] ?? "")?.[0]
