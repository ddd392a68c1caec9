import { HttpApiClient } from "@effect/platform"
import type { HttpApiError, HttpClient, HttpClientError, HttpClientResponse } from "@effect/platform"
import type {
  AccessToken,
  Account,
  ClientIdentifier,
  CreatePinResponse,
  GetTokenResponse,
  PinId
} from "@plex-auth/core"
import { PlexTvApi } from "@plex-auth/http"
import type { Effect, ParseResult } from "effect"
import { describe, expect, it } from "tstyche"

const make = HttpApiClient.make(PlexTvApi)

type Client = Effect.Effect.Success<typeof make>

type Failure = HttpApiError.HttpApiDecodeError | HttpClientError.HttpClientError | ParseResult.ParseError

declare const client: Client
declare const pinID: PinId
declare const clientIdentifier: ClientIdentifier
declare const token: AccessToken

describe("PlexTvApi", () => {
  it("has a derived client", () => {
    expect(make).type.toBe<Effect.Effect<Client, never, HttpClient.HttpClient>>()
    expect<keyof Client>().type.toBe<"pins" | "user" | "home" | "auth">()
    expect<keyof Client["pins"]>().type.toBe<"createPin" | "getToken" | "linkPin">()
    expect<keyof Client["user"]>().type.toBe<"account" | "ping" | "signOut" | "resources">()
    expect<keyof Client["auth"]>().type.toBe<"nonce" | "exchangeJwt" | "registerKey" | "keys">()
  })

  it("createPin", () => {
    const headers = { "x-plex-client-identifier": clientIdentifier, "x-plex-product": "My Cool App" }
    expect(client.pins.createPin({ headers, urlParams: { strong: true }, payload: {} })).type.toBe<
      Effect.Effect<CreatePinResponse, Failure>
    >()
    expect(client.pins.createPin({ headers: {}, urlParams: {}, payload: {}, withResponse: true })).type.toBe<
      Effect.Effect<[CreatePinResponse, HttpClientResponse.HttpClientResponse], Failure>
    >()
    expect(client.pins.createPin).type.not.toBeCallableWith({ headers, urlParams: { strong: "true" }, payload: {} })
    expect(client.pins.createPin).type.not.toBeCallableWith({
      headers: { "x-plex-client-identifier": "Postman" },
      urlParams: {},
      payload: {}
    })
  })

  it("getToken", () => {
    expect(client.pins.getToken({ path: { pinID }, urlParams: {}, headers: {} })).type.toBe<
      Effect.Effect<GetTokenResponse, Failure>
    >()
    expect(client.pins.getToken).type.not.toBeCallableWith({ urlParams: {}, headers: {} })
    expect(client.pins.getToken).type.not.toBeCallableWith({
      path: { pinID: "1272322473" },
      urlParams: {},
      headers: {}
    })
    expect(client.pins.getToken).type.not.toBeCallableWith({ path: { pinID: 1272322473 }, urlParams: {}, headers: {} })
  })

  it("account", () => {
    expect(client.user.account({ headers: { "x-plex-token": token } })).type.toBe<Effect.Effect<Account, Failure>>()
    expect(client.user.account).type.not.toBeCallableWith({ headers: { "x-plex-token": "xxxxxxxxxxxxxxxxxxxx" } })
  })
})
