import type {
  LinkPin,
  PinLocation,
  StrongPin,
  Account,
  CreatePinRequest,
  CreatePinResponse,
  GetTokenResponse,
  Pin,
  PublicJwk
} from "@plex-auth/core"
import { AccessToken, ClientIdentifier, GetTokenRequest, issuePaths, PinId, SecureUrl } from "@plex-auth/core"
import type { Brand, DateTime, Duration, Effect, Option, ParseResult, Redacted } from "effect"
import { Schema } from "effect"
import { describe, expect, it } from "tstyche"

describe("the brands", () => {
  it("are no plain strings, and plain strings are none of them", () => {
    expect<PinId>().type.toBe<string & Brand.Brand<"@plex-auth/core/PinId">>()
    expect<ClientIdentifier>().type.toBe<string & Brand.Brand<"@plex-auth/core/ClientIdentifier">>()
    expect<SecureUrl>().type.toBe<string & Brand.Brand<"@plex-auth/core/SecureUrl">>()
    expect<string>().type.not.toBeAssignableTo<PinId>()
    expect<string>().type.not.toBeAssignableTo<SecureUrl>()
    expect<ClientIdentifier>().type.not.toBeAssignableTo<PinId>()
    expect<PinId>().type.not.toBeAssignableTo<ClientIdentifier>()
  })

  it("are strings when encoded, and need nothing", () => {
    expect(PinId).type.toBeAssignableTo<Schema.Schema<PinId, string>>()
    expect(ClientIdentifier).type.toBeAssignableTo<Schema.Schema<ClientIdentifier, string>>()
    expect(SecureUrl).type.toBeAssignableTo<Schema.Schema<SecureUrl, string>>()
  })
})

describe("AccessToken", () => {
  it("is Redacted, and no string", () => {
    expect<AccessToken>().type.toBe<Redacted.Redacted<string & Brand.Brand<"@plex-auth/core/AccessToken">>>()
    expect<AccessToken>().type.not.toBeAssignableTo<string>()
    expect<string>().type.not.toBeAssignableTo<AccessToken>()
    expect(AccessToken).type.toBeAssignableTo<Schema.Schema<AccessToken, string>>()
  })

  it("is made by decoding alone: a string that was redacted is none", () => {
    expect<Redacted.Redacted>().type.not.toBeAssignableTo<AccessToken>()
    expect(AccessToken).type.not.toHaveProperty("make")
  })
})

describe("GetTokenRequest", () => {
  it("has the seed's two fields", () => {
    expect<keyof typeof GetTokenRequest.fields>().type.toBe<"pinID" | "xPlexClientIdentifier">()
    expect<GetTokenRequest["pinID"]>().type.toBe<PinId>()
    expect<GetTokenRequest["xPlexClientIdentifier"]>().type.toBe<ClientIdentifier | undefined>()
    expect(GetTokenRequest).type.toBeAssignableTo<
      Schema.Schema<GetTokenRequest, { readonly pinID: string; readonly xPlexClientIdentifier?: string | undefined }>
    >()
  })

  it("its plain fields are what an operation takes, and a decoded one is too", () => {
    expect<GetTokenRequest.Input>().type.toBe<{
      readonly pinID: string | number
      readonly xPlexClientIdentifier?: string | undefined
    }>()
    expect<GetTokenRequest>().type.toBeAssignableTo<GetTokenRequest.Input>()
    expect<CreatePinRequest>().type.toBeAssignableTo<CreatePinRequest.Input>()
  })

  it("decodes to itself or a ParseError", () => {
    expect(Schema.decodeUnknown(GetTokenRequest)({})).type.toBeAssignableTo<
      Effect.Effect<GetTokenRequest, ParseResult.ParseError>
    >()
  })
})

describe("issuePaths", () => {
  it("gives paths, and nothing else of a ParseError", () => {
    expect(issuePaths).type.toBe<(error: ParseResult.ParseError) => ReadonlyArray<string>>()
  })
})

describe("CreatePinRequest", () => {
  it("always knows whether it is strong", () => {
    expect<CreatePinRequest["strong"]>().type.toBe<boolean>()
    expect<CreatePinRequest["xPlexProduct"]>().type.toBe<string | undefined>()
    expect<CreatePinRequest["xPlexClientIdentifier"]>().type.toBe<ClientIdentifier | undefined>()
    expect<CreatePinRequest.Input>().type.toBe<{
      readonly strong?: boolean | undefined
      readonly xPlexProduct?: string | undefined
      readonly xPlexClientIdentifier?: string | undefined
      readonly jwk?: PublicJwk | undefined
    }>()
  })
})

describe("GetTokenResponse", () => {
  it("has the twelve fields of the seed's SDK", () => {
    expect<keyof typeof GetTokenResponse.fields>().type.toBe<
      | "id"
      | "code"
      | "product"
      | "trusted"
      | "qr"
      | "clientIdentifier"
      | "location"
      | "expiresIn"
      | "createdAt"
      | "expiresAt"
      | "authToken"
      | "newRegistration"
    >()
  })

  it("only the id is certain; the secret ones are Redacted", () => {
    expect<GetTokenResponse["id"]>().type.toBe<PinId>()
    expect<GetTokenResponse["authToken"]>().type.toBe<Option.Option<AccessToken>>()
    expect<GetTokenResponse["code"]>().type.toBe<Option.Option<Redacted.Redacted>>()
    expect<GetTokenResponse["location"]>().type.toBe<Option.Option<Redacted.Redacted<PinLocation>>>()
    expect<GetTokenResponse["product"]>().type.toBe<Option.Option<string>>()
    expect<GetTokenResponse["trusted"]>().type.toBe<Option.Option<boolean>>()
    expect<GetTokenResponse["qr"]>().type.toBe<Option.Option<Redacted.Redacted>>()
    expect<GetTokenResponse["clientIdentifier"]>().type.toBe<Option.Option<string>>()
    expect<GetTokenResponse["expiresIn"]>().type.toBe<Option.Option<Duration.Duration>>()
    expect<GetTokenResponse["createdAt"]>().type.toBe<Option.Option<DateTime.Utc>>()
    expect<GetTokenResponse["expiresAt"]>().type.toBe<Option.Option<DateTime.Utc>>()
    expect<GetTokenResponse["newRegistration"]>().type.toBe<Option.Option<boolean>>()
  })

  it("needs nothing to be decoded", () => {
    expect<Schema.Schema.Context<typeof GetTokenResponse>>().type.toBe<never>()
    expect<Schema.Schema.Context<typeof CreatePinResponse>>().type.toBe<never>()
    expect<Schema.Schema.Context<typeof Account>>().type.toBe<never>()
    expect<Schema.Schema.Context<typeof Pin>>().type.toBe<never>()
  })
})

describe("CreatePinResponse", () => {
  it("has an id and a code, which is Redacted", () => {
    expect<CreatePinResponse["id"]>().type.toBe<PinId>()
    expect<CreatePinResponse["code"]>().type.toBe<Redacted.Redacted>()
    expect<CreatePinResponse>().type.not.toHaveProperty("authToken")
  })
})

describe("Pin", () => {
  it("is a link PIN or a strong PIN", () => {
    expect<Pin>().type.toBe<LinkPin | StrongPin>()
    expect<Pin["id"]>().type.toBe<PinId>()
    expect<Pin["clientIdentifier"]>().type.toBe<ClientIdentifier>()
    expect<Pin["expiresIn"]>().type.toBe<Duration.Duration>()
    expect<Pin["receivedAt"]>().type.toBe<DateTime.Utc>()
  })
})

describe("Account", () => {
  it("has a name, and no token", () => {
    expect<Account["id"]>().type.toBe<number>()
    expect<Account["displayName"]>().type.toBe<string>()
    expect<Account["email"]>().type.toBe<Option.Option<Redacted.Redacted>>()
    expect<Account>().type.not.toHaveProperty("authToken")
  })
})
