import type {
  AccessToken,
  Account,
  ClientIdentifier,
  ClientIdentifierMissing,
  CreatePinRequest,
  CreatePinResponse,
  DeviceJwt,
  DeviceJwtRejected,
  DeviceKeyTaken,
  GetTokenRequest,
  GetTokenResponse,
  InvalidRequest,
  InvalidResponse,
  LinkPin,
  Pin,
  PinNotFound,
  PlexUnavailable,
  RateLimited,
  Rejected,
  Resource,
  ServerToken,
  StrongPin,
  SwitchUserRequest,
  SwitchUserResponse,
  TokenExpired,
  Unauthorized
} from "@plex-auth/core"
import { PlexAuth, PlexAuthPolicy, PlexAuthTest, PlexClientInfo } from "@plex-auth/core"
import type { Duration, Option, Schedule } from "effect"
import { Effect, Layer } from "effect"
import { describe, expect, it } from "tstyche"

declare const plex: PlexAuth.Service
declare const wire: PlexAuth.Wire
declare const wireEffect: Effect.Effect<PlexAuth.Wire, "wire error", "wire requirement">

type Answered = Unauthorized | Rejected | RateLimited | PlexUnavailable | InvalidResponse

describe("PlexAuth", () => {
  it("is a tag that gives the service", () => {
    expect(PlexAuth).type.toBeAssignableTo<Effect.Effect<PlexAuth.Service, never, PlexAuth>>()
    expect(Effect.flatMap(PlexAuth, Effect.succeed)).type.toBe<Effect.Effect<PlexAuth.Service, never, PlexAuth>>()
  })

  it("has these operations, and no more", () => {
    expect<keyof PlexAuth.Service>().type.toBe<
      | "createPin"
      | "getToken"
      | "account"
      | "ping"
      | "signOut"
      | "linkPin"
      | "resources"
      | "homeUsers"
      | "switchUser"
      | "registerKey"
      | "nonce"
      | "exchangeJwt"
      | "keys"
      | "clockOffset"
    >()
    expect<keyof PlexAuth.Wire>().type.toBe<keyof PlexAuth.Service>()
  })

  it("createPin", () => {
    expect(plex.createPin).type.toBe<
      (
        request?: CreatePinRequest.Input
      ) => Effect.Effect<LinkPin | StrongPin, InvalidRequest | ClientIdentifierMissing | DeviceKeyTaken | Answered>
    >()
    expect(plex.createPin()).type.toBe<Effect.Effect<Pin, PlexAuth.CreatePinError>>()
    type Input = Parameters<typeof plex.createPin>[0]
    expect<{ strong: true; xPlexProduct: "a"; xPlexClientIdentifier: "b" }>().type.toBeAssignableTo<Input>()
    expect<undefined>().type.toBeAssignableTo<Input>()
    expect<{ strong: "yes" }>().type.not.toBeAssignableTo<Input>()
    expect<{ token: "x" }>().type.not.toBeAssignableTo<Input>()
  })

  it("getToken", () => {
    expect(plex.getToken).type.toBe<
      (
        request: GetTokenRequest.Input,
        deviceJwt?: DeviceJwt
      ) => Effect.Effect<
        GetTokenResponse,
        InvalidRequest | ClientIdentifierMissing | PinNotFound | TokenExpired | DeviceJwtRejected | Answered
      >
    >()
    type Input = Parameters<typeof plex.getToken>[0]
    expect<{ pinID: "1" }>().type.toBeAssignableTo<Input>()
    expect<{ pinID: 1; xPlexClientIdentifier: "Postman" }>().type.toBeAssignableTo<Input>()
    expect<{}>().type.not.toBeAssignableTo<Input>()
    expect<undefined>().type.not.toBeAssignableTo<Input>()
    expect<{ pinID: null }>().type.not.toBeAssignableTo<Input>()
  })

  it("account", () => {
    expect(plex.account).type.toBe<
      (token: AccessToken) => Effect.Effect<Account, InvalidRequest | ClientIdentifierMissing | TokenExpired | Answered>
    >()
    expect<string>().type.not.toBeAssignableTo<Parameters<typeof plex.account>[0]>()
  })

  it("the error unions", () => {
    expect<PlexAuth.AnswerError>().type.toBe<Answered>()
    expect<PlexAuth.CreatePinError>().type.toBe<InvalidRequest | ClientIdentifierMissing | DeviceKeyTaken | Answered>()
    expect<PlexAuth.GetTokenError>().type.toBe<
      InvalidRequest | ClientIdentifierMissing | PinNotFound | TokenExpired | DeviceJwtRejected | Answered
    >()
    expect<PlexAuth.KeysError>().type.toBe<ClientIdentifierMissing | Answered>()
    expect<PlexAuth.RegisterKeyError>().type.toBe<PlexAuth.AccountError | DeviceKeyTaken>()
    expect<PlexAuth.ExchangeJwtError>().type.toBe<PlexAuth.AccountError | DeviceKeyTaken | DeviceJwtRejected>()
    expect<PlexAuth.AccountError>().type.toBe<InvalidRequest | ClientIdentifierMissing | TokenExpired | Answered>()
  })

  it("layer is made of a wire, and needs PlexClientInfo", () => {
    expect(PlexAuth.layer(Effect.succeed(wire))).type.toBe<Layer.Layer<PlexAuth, never, PlexClientInfo>>()
    expect(PlexAuth.layer(wireEffect)).type.toBe<
      Layer.Layer<PlexAuth, "wire error", PlexClientInfo | "wire requirement">
    >()
  })

  it("a wire is given what was decoded, and the client identifier", () => {
    expect<PlexAuth.Wire["createPin"]>().type.toBe<
      (
        request: CreatePinRequest,
        clientIdentifier: ClientIdentifier
      ) => Effect.Effect<CreatePinResponse, PlexAuth.CreatePinError>
    >()
    expect<PlexAuth.Wire["getToken"]>().type.toBe<
      (
        request: GetTokenRequest,
        clientIdentifier: ClientIdentifier,
        deviceJwt?: DeviceJwt
      ) => Effect.Effect<GetTokenResponse, PlexAuth.GetTokenError>
    >()
    expect<PlexAuth.Wire["account"]>().type.toBe<PlexAuth.Service["account"]>()
  })

  it("a server's token is no access token, nor the other way round", () => {
    expect<ServerToken>().type.not.toBeAssignableTo<AccessToken>()
    expect<AccessToken>().type.not.toBeAssignableTo<ServerToken>()
    expect<Resource["accessToken"]>().type.toBe<Option.Option<ServerToken>>()
    expect<SwitchUserResponse["authToken"]>().type.toBe<AccessToken>()
  })

  it("a Home user's PIN is no string", () => {
    expect<Parameters<typeof plex.switchUser>[1]>().type.toBe<SwitchUserRequest.Input>()
    expect<{ uuid: string; pin: string }>().type.not.toBeAssignableTo<SwitchUserRequest.Input>()
  })

  it("can be mocked by hand", () => {
    expect(Layer.mock(PlexAuth, { getToken: () => Effect.succeed(PlexAuthTest.claimed("TOK")) })).type.toBe<
      Layer.Layer<PlexAuth>
    >()
    expect(
      Layer.succeed(PlexAuth, {
        createPin: () => PlexAuthTest.linkPin(),
        getToken: ({ pinID }) => (pinID === "1" ? Effect.succeed(PlexAuthTest.pending()) : Effect.never),
        account: () => Effect.succeed(PlexAuthTest.account()),
        ping: () => Effect.void,
        signOut: () => Effect.void,
        linkPin: () => Effect.void,
        resources: () => Effect.succeed([PlexAuthTest.server()]),
        homeUsers: () => Effect.succeed([PlexAuthTest.homeUser()]),
        switchUser: () => Effect.succeed(PlexAuthTest.switched("TOK")),
        registerKey: () => Effect.void,
        nonce: Effect.succeed("a-nonce"),
        exchangeJwt: () => Effect.never,
        keys: Effect.succeed([]),
        clockOffset: Effect.succeed(0)
      })
    ).type.toBe<Layer.Layer<PlexAuth>>()
    expect<Pick<PlexAuth.Service, "getToken">>().type.not.toBeAssignableTo<PlexAuth.Service>()
  })
})

describe("PlexClientInfo", () => {
  it("is made of plain options, which may be wrong", () => {
    expect(PlexClientInfo.make).type.toBe<
      (options: PlexClientInfo.Options) => Effect.Effect<PlexClientInfo.Service, InvalidRequest>
    >()
    expect(PlexClientInfo.layer).type.toBe<
      (options: PlexClientInfo.Options) => Layer.Layer<PlexClientInfo, InvalidRequest>
    >()
    expect(PlexClientInfo.layer).type.toBeCallableWith({ product: "My Cool App" })
    expect(PlexClientInfo.layer).type.not.toBeCallableWith({ clientIdentifier: "a" })
    expect(PlexClientInfo.layer).type.not.toBeCallableWith({ product: "My Cool App", prodct: "typo" })
  })

  it("has a checked client identifier", () => {
    expect<PlexClientInfo.Service["clientIdentifier"]>().type.toBe<ClientIdentifier | undefined>()
    expect<string>().type.not.toBeAssignableTo<ClientIdentifier>()
  })
})

describe("PlexAuthPolicy", () => {
  it("is in nobody's requirements", () => {
    expect(Effect.flatMap(PlexAuthPolicy, Effect.succeed)).type.toBe<Effect.Effect<Partial<PlexAuthPolicy.Service>>>()
    expect(PlexAuthPolicy.resolved).type.toBe<Effect.Effect<PlexAuthPolicy.Service>>()
  })

  it("layer sets a part of it", () => {
    expect(PlexAuthPolicy.layer).type.toBe<(policy: Partial<PlexAuthPolicy.Service>) => Layer.Layer<PlexAuthPolicy>>()
    expect(PlexAuthPolicy.layer).type.toBeCallableWith({ requestTimeout: "2 seconds" })
    expect(PlexAuthPolicy.layer).type.not.toBeCallableWith({ timeout: "2 seconds" })
    expect(PlexAuthPolicy.layer).type.not.toBeCallableWith({ retry: undefined })
  })

  it("with and retry leave an effect's type as it is", () => {
    const effect = plex.getToken({ pinID: "1" })
    expect(effect.pipe(PlexAuthPolicy.with({ requestTimeout: "2 seconds" }))).type.toBe<typeof effect>()
    expect(PlexAuthPolicy.retry(effect)).type.toBe<typeof effect>()
    expect<Effect.Effect<void, "no error of this library">>().type.not.toBeAssignableTo<
      Parameters<typeof PlexAuthPolicy.retry>[0]
    >()
    expect(effect).type.toBeAssignableTo<Parameters<typeof PlexAuthPolicy.retry>[0]>()
  })

  it("its members", () => {
    expect<PlexAuthPolicy.Service["requestTimeout"]>().type.toBe<Duration.DurationInput>()
    expect<PlexAuthPolicy.Service["retryAfterLimit"]>().type.toBe<Duration.DurationInput>()
    expect<PlexAuthPolicy.Service["poll"]>().type.toBe<Schedule.Schedule<unknown>>()
    expect<Schedule.Schedule<number, unknown, "requirement">>().type.not.toBeAssignableTo<
      PlexAuthPolicy.Service["retry"]
    >()
  })
})
