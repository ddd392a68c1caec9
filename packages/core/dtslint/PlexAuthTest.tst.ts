import type {
  AccessToken,
  Account,
  CreatePinRequest,
  DeviceJwt,
  GetTokenRequest,
  GetTokenResponse,
  LinkPin,
  PlexAuth,
  PublicJwk,
  StrongPin,
  SwitchUserRequest
} from "@plex-auth/core"
import { PinExpired, PinNotFound, PlexAuthTest, PlexUnavailable, SignIn } from "@plex-auth/core"
import type { Layer } from "effect"
import { Duration, Effect } from "effect"
import { describe, expect, it } from "tstyche"

const operation = "PlexAuth.getToken"

describe("PlexAuthTest", () => {
  it("its layers need nothing and cannot fail", () => {
    expect(PlexAuthTest.layer).type.toBe<
      (answers: PlexAuthTest.Answers) => Layer.Layer<PlexAuth | PlexAuthTest.Recorder>
    >()
    expect(PlexAuthTest.layerScript).type.toBe<
      (script: PlexAuthTest.Script) => Layer.Layer<PlexAuth | PlexAuthTest.Recorder>
    >()
  })

  it("an answer is a value, an error of that operation, or an effect of the two", () => {
    expect(PlexAuthTest.layer).type.toBeCallableWith({})
    expect(PlexAuthTest.layer).type.toBeCallableWith({
      createPin: PlexAuthTest.strongPin(),
      getToken: new PinNotFound({ operation, status: 404, reasons: ["expired"] }),
      account: PlexAuthTest.account()
    })
    expect(PlexAuthTest.layer).type.toBeCallableWith({ getToken: Effect.never })
    expect(PlexAuthTest.layer).type.toBeCallableWith({
      getToken: Effect.delay(Effect.succeed(PlexAuthTest.pending()), "1 second")
    })
    expect(PlexAuthTest.layerScript).type.toBeCallableWith({
      getToken: [PlexAuthTest.pending(), new PlexUnavailable({ operation, reason: "reset" }), Effect.die("bug")]
    })
  })

  it("an error that the operation cannot fail with is no answer, nor is anything else", () => {
    expect(PlexAuthTest.layer).type.not.toBeCallableWith({
      getToken: new PinExpired({ waited: Duration.zero, looks: 1 })
    })
    expect(PlexAuthTest.layer).type.not.toBeCallableWith({
      account: new PinNotFound({ operation, status: 404, reasons: ["expired"] })
    })
    expect(PlexAuthTest.layer).type.not.toBeCallableWith({ getToken: { authToken: "TOK" } })
    expect(PlexAuthTest.layer).type.not.toBeCallableWith({ getTokn: PlexAuthTest.pending() })
    expect(PlexAuthTest.layerScript).type.not.toBeCallableWith({ getToken: PlexAuthTest.pending() })
    expect(PlexAuthTest.layer).type.not.toBeCallableWith({
      getToken: Effect.flatMap(SignIn.start(), () => Effect.succeed(PlexAuthTest.pending()))
    })
  })

  it("the recorder tells the operations apart", () => {
    expect(PlexAuthTest.requests).type.toBe<
      Effect.Effect<ReadonlyArray<PlexAuthTest.Recorded>, never, PlexAuthTest.Recorder>
    >()
    expect<PlexAuthTest.Recorded>().type.toBe<
      | { readonly operation: "createPin"; readonly request: CreatePinRequest }
      | { readonly operation: "getToken"; readonly request: GetTokenRequest; readonly deviceJwt?: DeviceJwt }
      | {
          readonly operation: "account" | "ping" | "signOut" | "resources" | "homeUsers"
          readonly token: AccessToken
        }
      | { readonly operation: "linkPin"; readonly token: AccessToken; readonly code: string }
      | { readonly operation: "switchUser"; readonly token: AccessToken; readonly request: SwitchUserRequest }
      | { readonly operation: "registerKey"; readonly token: AccessToken; readonly jwk: PublicJwk }
      | { readonly operation: "exchangeJwt"; readonly deviceJwt: DeviceJwt }
      | { readonly operation: "nonce" | "keys" }
    >()
  })

  it("the fixtures are what the operations answer", () => {
    expect(PlexAuthTest.linkPin()).type.toBe<Effect.Effect<LinkPin>>()
    expect(PlexAuthTest.strongPin({ code: "x", expiresIn: "1 minute" })).type.toBe<Effect.Effect<StrongPin>>()
    expect(PlexAuthTest.pending).type.toBe<() => GetTokenResponse>()
    expect(PlexAuthTest.claimed).type.toBe<(token: string) => GetTokenResponse>()
    expect(PlexAuthTest.account).type.toBe<() => Account>()
  })
})
