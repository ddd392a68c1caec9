import { InvalidRequest } from "@plex-auth/core/PlexAuthError"
import { SecureUrl } from "@plex-auth/core/SecureUrl"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

export const defaultBaseUrl = "https://plex.tv/api/v2"

const invalid = (rule: string) => new InvalidRequest({ request: "PlexAuthHttp", issues: [{ field: "baseUrl", rule }] })

const decode = (input: string | URL) =>
  Effect.mapError(
    Schema.decodeUnknown(SecureUrl)(input instanceof URL ? input.href : input),
    // The message of a SecureUrl's error is its rule, and no more.
    (error) => error.message
  )

/** A place that tokens are sent to, by scheme, host and port. */
export const decodeOrigin = (input: string | URL): Effect.Effect<string, InvalidRequest> =>
  decode(input).pipe(
    Effect.map((url) => new URL(url)),
    Effect.filterOrFail(
      ({ hash, pathname, search }) => pathname === "/" && search === "" && hash === "",
      () => "must be an origin, such as https://clients.plex.tv, without a path"
    ),
    Effect.mapBoth({
      onFailure: (rule) => new InvalidRequest({ request: "PlexSessionHttp", issues: [{ field: "origins", rule }] }),
      onSuccess: ({ origin }) => origin
    })
  )

/** Where plex.tv is. Tokens are sent there, so nobody in between may read them. */
export const decodeBaseUrl = (input: string | URL): Effect.Effect<URL, InvalidRequest> =>
  decode(input).pipe(
    Effect.mapError(invalid),
    Effect.filterOrFail(
      (url) => !/[?#]/.test(url),
      () => invalid("must not have a query or a fragment")
    ),
    Effect.map((url) => new URL(url.replace(/\/+$/, "")))
  )
