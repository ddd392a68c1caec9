import type {
  AccessToken,
  ClientIdentifier,
  ClientIdentifierMismatch,
  ClientIdentifierMissing,
  ClockWrong,
  CreatePinRequest,
  Credentials,
  CredentialStore,
  CryptoUnavailable,
  DeviceJwtRejected,
  DeviceKey,
  DeviceKeyTaken,
  InvalidRequest,
  InvalidResponse,
  LinkPin,
  Pin,
  PinExpired,
  PinId,
  PinNotClaimed,
  PinNotFound,
  PlexAuth,
  PlexUnavailable,
  RateLimited,
  Rejected,
  SecureUrl,
  SignInEvent,
  StrongPin,
  TokenExpired,
  Unauthorized,
  UntrustedToken
} from "@plex-auth/core"
import { AuthApp, PlexClientInfo, SignIn } from "@plex-auth/core"
import { Context, Effect, Scope } from "effect"
import type { Redacted, Stream } from "effect"
import { describe, expect, it } from "tstyche"

declare const linkPin: LinkPin
declare const strongPin: StrongPin
declare const pin: Pin
declare const input: CreatePinRequest.Input
declare const client: PlexClientInfo.Service
declare const deviceKey: DeviceKey
declare const credentials: Credentials
declare const secureUrl: SecureUrl

type Failed =
  InvalidRequest | ClientIdentifierMissing | Unauthorized | Rejected | RateLimited | PlexUnavailable | InvalidResponse

type CreateError = Failed | DeviceKeyTaken

type WaitError = Failed | PinNotFound | TokenExpired | PinExpired | DeviceJwtRejected | ClockWrong | CryptoUnavailable

describe("SignIn.start", () => {
  it("is typed by strong", () => {
    expect(SignIn.start()).type.toBe<Effect.Effect<LinkPin, CreateError, PlexAuth>>()
    expect(SignIn.start({})).type.toBe<Effect.Effect<LinkPin, CreateError, PlexAuth>>()
    expect(SignIn.start({ strong: false })).type.toBe<Effect.Effect<LinkPin, CreateError, PlexAuth>>()
    expect(SignIn.start({ strong: true, xPlexProduct: "a" })).type.toBe<
      Effect.Effect<StrongPin, CreateError, PlexAuth>
    >()
  })

  it("is either kind where strong is not known", () => {
    expect(SignIn.start(input)).type.toBe<Effect.Effect<Pin, CreateError, PlexAuth>>()
    const strong: boolean = Math.random() > 0.5
    expect(SignIn.start({ strong })).type.toBe<Effect.Effect<Pin, CreateError, PlexAuth>>()
  })

  it("takes no other fields", () => {
    type Input = Parameters<typeof SignIn.start>[0]
    expect<Input>().type.toBe<CreatePinRequest.Input>()
    expect<{ strong: "true" }>().type.not.toBeAssignableTo<Input>()
    expect<{ product: "a" }>().type.not.toBeAssignableTo<Input>()
  })
})

describe("SignIn.wait", () => {
  it("takes either kind of PIN and gives the token", () => {
    expect(Effect.flatMap(SignIn.start(), SignIn.wait)).type.toBe<
      Effect.Effect<AccessToken, CreateError | WaitError, PlexAuth>
    >()
    expect(SignIn.wait(linkPin)).type.toBe<Effect.Effect<AccessToken, WaitError, PlexAuth>>()
    expect(SignIn.wait(strongPin)).type.toBe<Effect.Effect<AccessToken, WaitError, PlexAuth>>()
    expect<SignIn.WaitError>().type.toBe<WaitError>()
  })

  it("takes no id, and no plain fields of a PIN", () => {
    expect<string>().type.not.toBeAssignableTo<Parameters<typeof SignIn.wait>[0]>()
    expect<{ id: PinId; clientIdentifier: ClientIdentifier }>().type.not.toBeAssignableTo<
      Parameters<typeof SignIn.wait>[0]
    >()
  })
})

describe("SignIn.wait with a hook", () => {
  it("needs what the hook needs", () => {
    const wait = SignIn.wait(pin, { onEvent: (event) => Effect.asVoid(Effect.as(PlexClientInfo, event._tag)) })
    expect(wait).type.toBe<Effect.Effect<AccessToken, WaitError, PlexAuth | PlexClientInfo>>()
  })

  it("takes the key of a device, whole", () => {
    expect(SignIn.wait(pin, { deviceKey })).type.toBe<Effect.Effect<AccessToken, WaitError, PlexAuth>>()
    expect(SignIn.wait).type.not.toBeCallableWith(pin, { deviceKey: deviceKey.publicJwk })
  })

  it("takes no hook that fails", () => {
    expect(SignIn.wait).type.not.toBeCallableWith(pin, { onEvent: () => Effect.fail("no") })
  })
})

describe("SignIn.resume", () => {
  it("also fails with another client identifier, which it asks PlexClientInfo for", () => {
    expect(SignIn.resume(pin)).type.toBe<
      Effect.Effect<AccessToken, WaitError | ClientIdentifierMismatch, PlexAuth | PlexClientInfo>
    >()
    expect(Effect.flatMap(SignIn.start(), SignIn.resume)).type.toBe<
      Effect.Effect<AccessToken, CreateError | WaitError | ClientIdentifierMismatch, PlexAuth | PlexClientInfo>
    >()
  })
})

describe("SignIn.complete", () => {
  it("also fails with PinNotClaimed", () => {
    expect(SignIn.complete(pin, { within: "5 seconds" })).type.toBe<
      Effect.Effect<AccessToken, WaitError | PinNotClaimed, PlexAuth>
    >()
  })
})

class Screen extends Context.Tag("Screen")<Screen, string>() {}
class Printer extends Context.Tag("Printer")<Printer, string>() {}

describe("SignIn.run", () => {
  type RunError =
    CreateError | WaitError | ClientIdentifierMismatch | PinNotClaimed | UntrustedToken | CredentialStore.Error
  type Services = PlexAuth | PlexClientInfo | CredentialStore

  it("hands a link PIN to the hook, or a strong one with strong", () => {
    const link = SignIn.run({
      show: (shown) => {
        expect(shown).type.toBe<LinkPin>()
        return Effect.void
      }
    })
    expect(link).type.toBe<Effect.Effect<Credentials, RunError, Services>>()
    const strong = SignIn.run({
      strong: true,
      show: (shown) => {
        expect(shown).type.toBe<StrongPin>()
        return Effect.void
      }
    })
    expect(strong).type.toBe<Effect.Effect<Credentials, RunError, Services>>()
  })

  it("fails with what the hook fails with, and needs what the hooks need, but for a scope", () => {
    const run = SignIn.run({
      show: () => Effect.flatMap(Scope.Scope, () => Effect.zipRight(Screen, Effect.fail("no screen" as const))),
      onEvent: () => Effect.asVoid(Printer)
    })
    expect(run).type.toBe<Effect.Effect<Credentials, RunError | "no screen", Services | Screen | Printer>>()
  })

  it("takes no hook for the other kind", () => {
    const strongHook = (_: StrongPin) => Effect.void
    expect(SignIn.run).type.not.toBeCallableWith({ show: strongHook })
    const linkHook = (_: LinkPin) => Effect.void
    expect(SignIn.run).type.not.toBeCallableWith({ strong: true, show: linkHook })
  })

  it("says whether the token is one for the device's key, and takes no key of its own", () => {
    expect(SignIn.run({ jwt: true, show: () => Effect.void })).type.toBe<
      Effect.Effect<Credentials, RunError, Services>
    >()
    expect(SignIn.run).type.not.toBeCallableWith({ jwk: deviceKey.publicJwk, show: () => Effect.void })
  })

  it("upgrades credentials", () => {
    expect(SignIn.upgrade(credentials)).type.toBe<
      Effect.Effect<
        Credentials,
        | CreateError
        | TokenExpired
        | DeviceJwtRejected
        | ClientIdentifierMismatch
        | ClockWrong
        | CryptoUnavailable
        | UntrustedToken
        | CredentialStore.Error,
        Services
      >
    >()
  })

  it("is a stream of events, too", () => {
    expect(SignIn.events()).type.toBe<Stream.Stream<SignInEvent, RunError, Services>>()
    expect(SignIn.events({ strong: true, within: "1 minute" })).type.toBe<
      Stream.Stream<SignInEvent, RunError, Services>
    >()
  })
})

describe("AuthApp", () => {
  it("linkUrl refuses a strong PIN", () => {
    expect(AuthApp.linkUrl).type.toBe<(pin: LinkPin) => string>()
    expect(AuthApp.linkUrl).type.toBeCallableWith(linkPin)
    expect(AuthApp.linkUrl).type.not.toBeCallableWith(strongPin)
    expect(AuthApp.linkUrl).type.not.toBeCallableWith(pin)
  })

  it("url refuses a link PIN", () => {
    expect(AuthApp.url(strongPin, client)).type.toBe<string>()
    expect(AuthApp.url).type.not.toBeCallableWith(linkPin, client)
    expect(AuthApp.url).type.not.toBeCallableWith(pin, client)
  })

  it("url takes no address that was not checked", () => {
    expect(AuthApp.forwardUrl).type.toBe<(address: string | URL) => Effect.Effect<SecureUrl, InvalidRequest>>()
    expect(AuthApp.url).type.toBeCallableWith(strongPin, client, { forwardUrl: secureUrl })
    expect(AuthApp.url).type.not.toBeCallableWith(strongPin, client, { forwardUrl: "https://example.com/" })
  })
})

describe("a PIN", () => {
  it("a strong PIN's code is no string, and cannot stand for a link PIN's", () => {
    expect<LinkPin["code"]>().type.toBe<string>()
    expect<StrongPin["code"]>().type.toBe<Redacted.Redacted>()
    expect<StrongPin["code"]>().type.not.toBeAssignableTo<string>()
    expect<StrongPin>().type.not.toBeAssignableTo<LinkPin>()
    expect<LinkPin>().type.not.toBeAssignableTo<StrongPin>()
    expect<StrongPin>().type.not.toHaveProperty("qr")
  })

  it("is told apart by its tag", () => {
    expect<Pin["_tag"]>().type.toBe<"LinkPin" | "StrongPin">()
    expect<Extract<Pin, { readonly _tag: "LinkPin" }>>().type.toBe<LinkPin>()
    expect<Extract<Pin, { readonly _tag: "StrongPin" }>>().type.toBe<StrongPin>()
  })
})
