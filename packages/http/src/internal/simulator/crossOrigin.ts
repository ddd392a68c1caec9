import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"

/** CORS. What a page of another origin may send: the headers that Plex documents, and those that tell what a body is. */
const allowedHeaders = [
  "Accept",
  "Content-Type",
  "X-Plex-Client-Identifier",
  "X-Plex-Device",
  "X-Plex-Device-Name",
  "X-Plex-Device-Vendor",
  "X-Plex-Model",
  "X-Plex-Platform",
  "X-Plex-Platform-Version",
  "X-Plex-Product",
  "X-Plex-Token",
  "X-Plex-Version"
]

/** A browser asks before it lets a page of another origin send what a form could not (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export const isPreflight = ({ headers, method }: HttpServerRequest.HttpServerRequest): boolean =>
  method === "OPTIONS" && headers["origin"] !== undefined && headers["access-control-request-method"] !== undefined

/** Says what is allowed, and leaves it to the browser to refuse the rest. */
export const answerPreflight: HttpServerResponse.HttpServerResponse = HttpServerResponse.empty({
  status: 204,
  headers: {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, PUT, DELETE",
    "access-control-allow-headers": allowedHeaders.join(", ")
  }
})

/** Any page may read the answer, but none of its headers beyond those that each may: no `Date`, no `Retry-After`. */
export const readableAnywhere = (
  { headers }: HttpServerRequest.HttpServerRequest,
  answer: HttpServerResponse.HttpServerResponse
): HttpServerResponse.HttpServerResponse =>
  headers["origin"] === undefined ? answer : HttpServerResponse.setHeader(answer, "access-control-allow-origin", "*")
