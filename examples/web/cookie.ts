import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { Effect, Option, Redacted } from "effect"
import { asSecret, Sessions } from "./sessions.js"
import type { Secret, Session } from "./sessions.js"
import { Site } from "./site.js"

type Response = HttpServerResponse.HttpServerResponse

const cookie = Effect.map(Site, ({ publicUrl }) => {
  const secure = publicUrl.startsWith("https:")
  return {
    // With this prefix a browser takes the cookie from this very host alone, and over https.
    name: secure ? "__Host-plex-auth-web" : "plex-auth-web",
    options: { httpOnly: true, sameSite: "lax", path: "/", secure } as const
  }
})

/** Has the browser keep this id from now on. */
export const withCookie = (id: Secret, response: Response) =>
  Effect.map(cookie, ({ name, options }) =>
    HttpServerResponse.unsafeSetCookie(response, name, Redacted.value(id), { ...options, maxAge: "7 days" })
  )

/** Has the browser forget its id. */
export const withoutCookie = (response: Response) =>
  Effect.map(cookie, ({ name, options }) =>
    HttpServerResponse.unsafeSetCookie(response, name, "", { ...options, maxAge: 0 })
  )

export interface Current {
  readonly id: Secret
  readonly session: Session
}

/** Whose request this is. An id that the server did not give out is that of nobody. */
export const current = Effect.gen(function* () {
  const { name } = yield* cookie
  const { cookies } = yield* HttpServerRequest.HttpServerRequest
  const sessions = yield* Sessions
  const id = asSecret(cookies[name])
  if (Option.isNone(id)) return Option.none<Current>()
  const session = yield* sessions.get(id.value)
  return Option.map(session, (found): Current => ({ id: id.value, session: found }))
})
