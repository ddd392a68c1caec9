import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual } from "@effect/vitest/utils"
import * as core from "@plex-auth/core"
import { readdirSync } from "node:fs"

const source = new URL("../src/", import.meta.url)

const modules = readdirSync(source)
  .filter((file) => file.endsWith(".ts") && file !== "index.ts")
  .map((file) => file.replace(/\.ts$/, ""))

const names = `
  AccessToken Account AuthApp
  ClientIdentifier ClientIdentifierMismatch ClientIdentifierMissing ClockWrong CreatePinRequest
  CreatePinResponse CredentialStore Credentials CryptoUnavailable
  DeviceJwt DeviceJwtRejected DeviceKey DeviceKeyTaken
  GetTokenRequest GetTokenResponse
  HomePinRejected HomeUser HomeUsers
  InvalidRequest InvalidResponse
  LinkPin
  NotSignedIn
  Pin PinExpired PinId PinLocation PinNotClaimed PinNotFound PlexAuth PlexAuthError PlexAuthPolicy
  PlexAuthTest PlexClientInfo PlexJwt PlexKey PlexKeys PlexSession PlexUnavailable PublicJwk
  RateLimited Rejected Resource Resources
  SecureUrl ServerConnection ServerToken SignIn SignInEvent StoreDamaged StoreUnavailable StrongPin
  SwitchUserRequest SwitchUserResponse
  Thumbprint TokenExpired
  Unauthorized UntrustedToken
  defaultPoll defaultRetry
  isPlexAuthError isTransient issuePaths
`
  .trim()
  .split(/\s+/)

describe("the entry point", () => {
  it("exports schemas, errors and tags by name, and modules of functions as namespaces", () => {
    deepStrictEqual(Object.keys(core).sort(), names)
  })

  it.each(modules)("%s is a subpath of its own, and its exports are those of the entry point", async (name) => {
    const module: Readonly<Record<string, unknown>> = await import(`../src/${name}.ts`)
    assertTrue(Object.keys(module).length > 0)
    const entry: Readonly<Record<string, unknown>> = core
    const namespace = entry[name]
    for (const [key, value] of Object.entries(module)) {
      assertTrue(entry[key] === value || (isRecord(namespace) && namespace[key] === value), `${name}.${key}`)
    }
  })
})

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null
