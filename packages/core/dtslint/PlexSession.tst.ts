import { PlexSession } from "@plex-auth/core"
import type { AccessToken, CredentialStore, InvalidRequest, PlexAuth } from "@plex-auth/core"
import { Effect } from "effect"
import type { Layer } from "effect"
import { describe, expect, it } from "tstyche"

declare const session: PlexSession.Service

describe("PlexSession", () => {
  it("its layers need a PlexAuth and a store, and cannot fail", () => {
    type SessionLayer = Layer.Layer<PlexSession, never, PlexAuth | CredentialStore>
    expect(PlexSession.layer()).type.toBe<SessionLayer>()
    expect(PlexSession.layerBackground({ refreshAhead: "2 days" })).type.toBe<SessionLayer>()
  })

  it("knows the names of a scope, and takes others", () => {
    expect(PlexSession.layer).type.toBeCallableWith({ scope: ["username", "something-new"] })
    expect(PlexSession.layer).type.not.toBeCallableWith({ scope: "username" })
  })

  it("gives a token", () => {
    expect(session.token).type.toBe<Effect.Effect<AccessToken, PlexSession.Error>>()
    expect(session.refresh()).type.toBe<Effect.Effect<AccessToken, PlexSession.Error>>()
    expect<InvalidRequest>().type.toBeAssignableTo<PlexSession.Error>()
  })

  it("runs what needs a token, and keeps its types", () => {
    const used = session.withToken((_: AccessToken) => Effect.fail("mine" as const))
    expect(used).type.toBe<Effect.Effect<never, PlexSession.Error | "mine">>()
    expect(session.withToken).type.not.toBeCallableWith((_: string) => Effect.void)
  })
})
