import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { issuePaths } from "@plex-auth/core/issuePaths"
import { PlexUnavailable } from "@plex-auth/core/PlexAuthError"
import { PlexAuthPolicy } from "@plex-auth/core/PlexAuthPolicy"
import type { InvalidResponse } from "@plex-auth/core/PlexAuthError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import { constTrue } from "effect/Function"
import * as MutableRef from "effect/MutableRef"
import * as Option from "effect/Option"
import type { ParseError } from "effect/ParseResult"
import type * as Runtime from "effect/Runtime"
import * as Tracer from "effect/Tracer"
import { clockOffset } from "./clockOffset.js"
import { inTime } from "./inTime.js"
import { invalidAnswer } from "./invalidAnswer.js"
import type { Seen } from "./invalidAnswer.js"
import type { Refusal } from "./plexError.js"
import { readBody } from "./readBody.js"
import type { Body } from "./readBody.js"
import { refusalBody } from "./refusalBody.js"
import { withoutRedirects } from "./refuseRedirects.js"
import { retryAfter } from "./retryAfter.js"
import { unreachable } from "./unreachable.js"

/**
 * One operation on the wire: its name, method and path, what its body is decoded to, what a refusal means. One without
 * `decode` is done when its status says so (204).
 */
export interface Operation<A, E> {
  readonly name: string
  readonly method: "GET" | "POST" | "PUT" | "DELETE"
  readonly path: string
  readonly decode: ((body: unknown) => Either.Either<A, ParseError>) | Effect.Effect<A>
  readonly refused: (refusal: Refusal) => E
}

/** What a request has beside its operation: `path` fills the template in. */
export interface Parts {
  readonly path?: Readonly<Record<string, string>>
  readonly urlParams?: Readonly<Record<string, string>> | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
  readonly json?: Readonly<Record<string, unknown>>
}

/** The value of a JSON text. */
const parsed = (text: string): Option.Option<unknown> => {
  try {
    return Option.some(JSON.parse(text))
  } catch {
    return Option.none()
  }
}

/** Makes the requests of an operation. What all of them have is put together once. */
const requestsOf = (
  baseUrl: string,
  { method, path }: Pick<Operation<unknown, unknown>, "method" | "path">,
  headers: Readonly<Record<string, string>>
): ((parts: Parts) => HttpClientRequest.HttpClientRequest) => {
  const blank = HttpClientRequest.make(method)(baseUrl, {
    headers: {
      ...headers,
      accept: "application/json",
      // undici's client does not decompress.
      "accept-encoding": "identity"
    }
  })
  return (parts) => {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parts.path?.[name] ?? ""))
    const addressed = HttpClientRequest.setUrl(blank, baseUrl + filled)
    const request = HttpClientRequest.setHeaders(
      parts.urlParams === undefined ? addressed : HttpClientRequest.setUrlParams(addressed, parts.urlParams),
      parts.headers
    )
    if (parts.json !== undefined) return HttpClientRequest.bodyUnsafeJson(request, parts.json)
    return parts.form === undefined ? request : HttpClientRequest.bodyUrlParams(request, parts.form)
  }
}

/**
 * What holds in the fiber of a request. It ends with the request, so nothing of this has to be put back: `Effect.locally`
 * would take a dozen steps for each.
 */
const quietly =
  (span: Tracer.Span): NonNullable<Runtime.RunForkOptions["updateRefs"]> =>
  (refs, fiberId) => {
    const context = FiberRefs.getOrDefault(refs, FiberRef.currentContext)
    const redactedNames = FiberRefs.getOrDefault(refs, Headers.currentRedactedNames)
    return FiberRefs.updateManyAs(refs, {
      entries: [
        [FiberRef.currentContext, [[fiberId, Context.add(withoutRedirects(context), Tracer.ParentSpan, span)]]],
        // Platform's span would have the token and the URL in it, and would send trace headers to plex.tv.
        [HttpClient.currentTracerDisabledWhen, [[fiberId, constTrue]]],
        // For a client that logs what it sends: its printer hides these.
        [Headers.currentRedactedNames, [[fiberId, [...redactedNames, "x-plex-token", "x-plex-client-identifier"]]]],
        // A client may send and read in fibers of its own, and Effect would log what ends them, with the URL in it.
        [FiberRef.unhandledErrorLogLevel, [[fiberId, Option.none()]]]
      ]
    })
  }

/**
 * Sends a request and judges what comes back: status, size, time, redirects, content. It neither retries nor makes a span:
 * what there is to say goes to the one that it is given. `offset` gets how far the server's clock is ahead.
 */
export const transport = (
  client: HttpClient.HttpClient,
  base: URL,
  headers: Readonly<Record<string, string>>,
  offset: MutableRef.MutableRef<number>
) => {
  const baseUrl = base.href.replace(/\/$/, "")
  return <A, E>(operation: Operation<A, E>) => {
    const requestOf = requestsOf(baseUrl, operation, headers)
    const late = () => new PlexUnavailable({ operation: operation.name, reason: "timeout" })
    return (parts: Parts, span: Tracer.Span): Effect.Effect<A, E | PlexUnavailable | InvalidResponse> => {
      const judged = (response: HttpClientResponse.HttpClientResponse) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const { headers } = response
          MutableRef.update(offset, (last) => clockOffset(headers, now) ?? last)
          return judge(operation, response, headers, span)
        })
      const exchange = Effect.suspend(() => client.execute(requestOf(parts))).pipe(
        Effect.matchEffect({
          onSuccess: judged,
          onFailure: (error) =>
            // A client that was made to fail by status has the answer in its error.
            isStatusError(error)
              ? judged(error.response)
              : Effect.fail(unreachable(operation.name, error, "connection"))
        })
      )
      return Effect.flatMap(PlexAuthPolicy.resolved, ({ requestTimeout }) =>
        inTime(requestTimeout, late, quietly(span))(exchange)
      )
    }
  }
}

const isStatusError = (error: HttpClientError.HttpClientError): error is HttpClientError.ResponseError =>
  error._tag === "ResponseError" && error.reason === "StatusCode"

/** The token, the PIN of a Home user, and what a device signed. */
const secretsIn = ({ headers, urlParams }: HttpClientRequest.HttpClientRequest): ReadonlyArray<string> =>
  [
    headers["x-plex-token"] ?? "",
    ...urlParams.map(([name, value]) => (name === "pin" || name === "deviceJWT" ? value : ""))
  ].filter((secret) => secret !== "")

const judge = <A, E>(
  operation: Operation<A, E>,
  response: HttpClientResponse.HttpClientResponse,
  headers: Headers.Headers,
  span: Tracer.Span
): Effect.Effect<A, E | PlexUnavailable | InvalidResponse> => {
  const { request, status } = response
  span.attribute("http.response.status_code", status)
  // fetch in a browser shows a redirect that was not followed as status 0.
  if (status < 200 || (status >= 300 && status < 400)) {
    return Effect.zipRight(
      readRefusal(response, headers),
      invalidAnswer(operation.name, "redirect", { status, contentType: contentType(headers) })
    )
  }
  if (status >= 400) {
    return Effect.flatMap(Effect.zip(readRefusal(response, headers), Clock.currentTimeMillis), ([text, now]) => {
      const refusal = {
        operation: operation.name,
        status,
        ...refusalBody(text, secretsIn(request)),
        retryAfter: retryAfter(headers, now)
      }
      if (refusal.code !== undefined) span.attribute("plex.error_code", refusal.code)
      return Effect.fail(operation.refused(refusal))
    })
  }
  return Effect.matchEffect(readBody(response, headers), {
    onFailure: (error) =>
      Effect.fail(
        error === "tooLarge"
          ? invalidAnswer(operation.name, "tooLarge", { status, contentType: contentType(headers) })
          : unreachable(operation.name, error, "reset")
      ),
    onSuccess: (body) => judgeBody(operation, body, { status, contentType: contentType(headers), length: body.length })
  })
}

const judgeBody = <A, E>(
  { decode, name }: Operation<A, E>,
  { text }: Body,
  seen: Seen
): Effect.Effect<A, InvalidResponse> => {
  // What it did is told by its status. A page in its place, such as that of a hotel, did nothing.
  if (typeof decode !== "function" && text.trim() === "") return decode
  const value = parsed(text)
  if (Option.isNone(value)) return invalidAnswer(name, "notJson", seen)
  if (typeof decode !== "function") return decode
  // Of a `ParseError` only the paths go on, since it holds the whole body.
  return Either.mapLeft(decode(value.value), (error) => invalidAnswer(name, "unexpected", seen, issuePaths(error)))
}

/** A body that can't be read, or takes its time, takes nothing away from the status. */
const readRefusal = (
  response: HttpClientResponse.HttpClientResponse,
  headers: Headers.Headers
): Effect.Effect<string> =>
  readBody(response, headers).pipe(
    Effect.timeout("1 second"),
    Effect.match({ onFailure: () => "", onSuccess: ({ text }) => text })
  )

const contentType = (headers: Headers.Headers): string | undefined =>
  /^[\w.+-]{1,60}\/[\w.+-]{1,60}/.exec(headers["content-type"] ?? "")?.[0]
