import { InvalidRequest, SecureUrl } from "@plex-auth/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

export const defaultBaseUrl = "https://plex.tv/api/v2"

const invalid = (rule: string) => new InvalidRequest({ request: "PlexAuthHttp", issues: [{ field: "baseUrl", rule }] })

/** Where plex.tv is. Tokens are sent there, so nobody in between may read them. */
export const decodeBaseUrl = (input: string | URL): Effect.Effect<URL, InvalidRequest> =>
  Schema.decodeUnknown(SecureUrl)(input instanceof URL ? input.href : input).pipe(
    // The message of a SecureUrl's error is its rule, and no more.
    Effect.mapError((error) => invalid(error.message)),
    Effect.filterOrFail(
      (url) => !/[?#]/.test(url),
      () => invalid("must not have a query or a fragment")
    ),
    Effect.map((url) => new URL(url.replace(/\/+$/, "")))
  )
