import { InvalidRequest } from "@plex-auth/core"
import * as Effect from "effect/Effect"

export const defaultBaseUrl = "https://plex.tv/api/v2"

const isLoopback = (hostname: string) =>
  hostname === "localhost" || hostname === "[::1]" || /^127(\.[0-9]{1,3}){3}$/.test(hostname)

const invalid = (rule: string) =>
  Effect.fail(new InvalidRequest({ request: "PlexAuthHttp", issues: [{ field: "baseUrl", rule }] }))

/** Tokens are sent there, so nobody in between may read them; a loopback address has nobody in between. */
export const decodeBaseUrl = (input: string | URL): Effect.Effect<URL, InvalidRequest> => {
  if (!URL.canParse(String(input))) return invalid("must be a URL")
  const url = new URL(input)
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    return invalid("must begin with https://, or with http:// and a loopback address such as 127.0.0.1")
  }
  if (url.username !== "" || url.password !== "") return invalid("must not have a user name or a password in it")
  if (url.search !== "" || url.hash !== "") return invalid("must not have a query or a fragment")
  url.pathname = url.pathname.replace(/\/+$/, "")
  return Effect.succeed(url)
}
