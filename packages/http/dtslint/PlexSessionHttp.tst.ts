import type { HttpClient, HttpClientError } from "@effect/platform"
import type { InvalidRequest, PlexSession } from "@plex-auth/core"
import { PlexSessionHttp } from "@plex-auth/http"
import type { Effect } from "effect"
import { describe, expect, it } from "tstyche"

declare const client: HttpClient.HttpClient

describe("PlexSessionHttp", () => {
  it("adds the session's errors to those of the client", () => {
    expect(PlexSessionHttp.withToken({ origins: ["https://plex.tv"] })(client)).type.toBe<
      Effect.Effect<
        HttpClient.HttpClient.With<HttpClientError.HttpClientError | PlexSession.Error>,
        InvalidRequest,
        PlexSession
      >
    >()
  })

  it("has to know where the token may go", () => {
    expect(PlexSessionHttp.withToken).type.not.toBeCallableWith()
    expect(PlexSessionHttp.withToken).type.not.toBeCallableWith({})
  })
})
