import { HttpApiClient } from "@effect/platform"
import type { HttpApiError, HttpClient, HttpClientError, HttpClientResponse } from "@effect/platform"
import type {
  AccessToken,
  Account,
  ClientIdentifier,
  CreatePinResponse,
  DeviceJwt,
  GetTokenResponse,
  PinId,
  PlexKey,
  PublicJwk
} from "@plex-auth/core"
import { PlexTvApi } from "@plex-auth/http"
import type { Effect, ParseResult } from "effect"
import { describe, expect, it } from "tstyche"

const make = HttpApiClient.make(PlexTvApi)

type Client = Effect.Effect.Success<typeof make>

type Taken<Call extends (request: never) => unknown> = Parameters<Call>[0]

type Failure = HttpApiError.HttpApiDecodeError | HttpClientError.HttpClientError | ParseResult.ParseError

declare const client: Client
declare const pinID: PinId
declare const clientIdentifier: ClientIdentifier
declare const token: AccessToken
declare const jwk: PublicJwk
declare const deviceJwt: DeviceJwt

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

  // A call that is tried gives an Effect that nobody uses, which alone would refuse it: what is taken is asked by its type.
  it("what a device signed, and its key, come out of their schemas", () => {
    expect(client.pins.createPin({ headers: {}, urlParams: {}, payload: { jwk, strong: true } })).type.toBe<
      Effect.Effect<CreatePinResponse, Failure>
    >()
    expect(client.pins.getToken({ path: { pinID }, urlParams: { deviceJWT: deviceJwt }, headers: {} })).type.toBe<
      Effect.Effect<GetTokenResponse, Failure>
    >()
    expect<{ jwk: PublicJwk }>().type.toBeAssignableTo<Taken<Client["pins"]["createPin"]>["payload"]>()
    expect<{ jwk: { kty: "RSA" } }>().type.not.toBeAssignableTo<Taken<Client["pins"]["createPin"]>["payload"]>()
    expect<{ deviceJWT: DeviceJwt }>().type.toBeAssignableTo<Taken<Client["pins"]["getToken"]>["urlParams"]>()
    expect<{ deviceJWT: AccessToken }>().type.not.toBeAssignableTo<Taken<Client["pins"]["getToken"]>["urlParams"]>()
  })

  it("auth", () => {
    expect(client.auth.nonce({ headers: {} })).type.toBe<Effect.Effect<{ readonly nonce: string }, Failure>>()
    expect(client.auth.keys({ headers: {} })).type.toBe<
      Effect.Effect<{ readonly keys: ReadonlyArray<PlexKey> }, Failure>
    >()
    expect(client.auth.exchangeJwt({ headers: {}, payload: { jwt: deviceJwt } })).type.toBe<
      Effect.Effect<{ readonly auth_token: AccessToken }, Failure>
    >()
    expect(client.auth.registerKey({ headers: { "x-plex-token": token }, payload: { jwk } })).type.toBe<
      Effect.Effect<void, Failure>
    >()
    expect<{ jwt: DeviceJwt }>().type.toBeAssignableTo<Taken<Client["auth"]["exchangeJwt"]>["payload"]>()
    expect<{ jwt: string }>().type.not.toBeAssignableTo<Taken<Client["auth"]["exchangeJwt"]>["payload"]>()
    expect<{ jwk: PublicJwk }>().type.toBeAssignableTo<Taken<Client["auth"]["registerKey"]>["payload"]>()
    expect<{ jwk?: PublicJwk }>().type.not.toBeAssignableTo<Taken<Client["auth"]["registerKey"]>["payload"]>()
  })
})
