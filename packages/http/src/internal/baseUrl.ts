import { InvalidRequest, SecureUrl } from "@plex-auth/core"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

export const defaultBaseUrl = "https://plex.tv/api/v2"

const Path = SecureUrl.pipe(
  Schema.filter((text) => !/[?#]/.test(text), {
    message: () => ({ message: "must not have a query or a fragment", override: false })
  })
)

/** Where plex.tv is. Tokens are sent there, so nobody in between may read them. */
export const decodeBaseUrl = (input: string | URL): Effect.Effect<URL, InvalidRequest> =>
  Schema.decodeUnknown(Path)(String(input)).pipe(
    Effect.mapBoth({
      onFailure: (error) =>
        new InvalidRequest({
          request: "PlexAuthHttp",
          issues: [
            { field: "baseUrl", rule: ParseResult.ArrayFormatter.formatErrorSync(error)[0]?.message ?? "must be a URL" }
          ]
        }),
      onSuccess: (text) => new URL(text.replace(/\/+$/, ""))
    })
  )
