import * as Headers from "@effect/platform/Headers"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import { AccessToken } from "@plex-auth/core/AccessToken"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { asClientIdentifier } from "./state.js"

const isToken = (value: string) => Option.isSome(Schema.decodeOption(AccessToken)(value))

/** plex.tv takes each `X-Plex-*` header as a query parameter too. A value that can't be one is as good as none. */
const plexHeaders = (headers: Headers.Headers, query: URLSearchParams): Headers.Headers => {
  const inQuery = [...query].filter(([name]) => /^x-plex-/i.test(name))
  // The names come in any case, and as headers they are in lower case.
  const all = Headers.merge(Headers.fromInput(inQuery), headers)
  return Object.entries(all).reduce(
    (kept, [name, value]) =>
      (name === "x-plex-client-identifier" && Option.isNone(asClientIdentifier(value))) ||
      (name === "x-plex-token" && !isToken(value))
        ? Headers.remove(kept, name)
        : kept,
    all
  )
}

const isTrue = (value: unknown) => value === true || value === 1 || /^(true|1)$/i.test(String(value))

/** plex.tv takes `strong` from the query, from a form or from JSON. */
const strongOf = (body: string, query: URLSearchParams): boolean => {
  const inBody = Option.match(Schema.decodeOption(Schema.parseJson(Schema.Struct({ strong: Schema.Unknown })))(body), {
    onNone: () => new URLSearchParams(body).get("strong"),
    onSome: ({ strong }) => strong
  })
  return isTrue(query.get("strong") ?? inBody)
}

/** The request in the form that the contract has: who is asking in headers, `strong` and a Home user's PIN in the query. */
export const normalized = (request: HttpServerRequest.HttpServerRequest) =>
  Effect.gen(function* () {
    const url = new URL(`http://simulated${request.url}`)
    const headers = plexHeaders(request.headers, url.searchParams)
    const isPost = request.method === "POST"
    const body = isPost ? yield* Effect.orElseSucceed(request.text, () => "") : ""
    const pin = url.searchParams.get("pin")
    const deviceJwt = url.searchParams.get("deviceJWT")
    const query = new URLSearchParams({
      ...(isPost && strongOf(body, url.searchParams) ? { strong: "true" } : {}),
      ...(pin === null ? {} : { pin }),
      // One that can't be one is as good as one that is signed by nobody.
      ...(deviceJwt === null ? {} : { deviceJWT: isToken(deviceJwt) ? deviceJwt : "malformed" })
    })
    const target = query.size === 0 ? url.pathname : `${url.pathname}?${query.toString()}`
    // A body can be read once.
    const again = isPost
      ? HttpServerRequest.fromWeb(new Request(url, { method: "POST", body: body === "" ? null : body }))
      : request
    return again.modify({ url: target, headers })
  })
