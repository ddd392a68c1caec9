// A sign-in, a refresh and an error over real HTTP, on whichever runtime this is run: `.ci/pack.mjs` does it, with the packed
// packages. The argument is the API of a simulated plex.tv; what is printed is what came of it.
import { CredentialStore, PlexAuth, PlexJwt, PlexSession, SignIn } from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { Effect, Layer, Option, Redacted } from "effect"

export const signIn = (baseUrl) => {
  const claim = (pin) =>
    Effect.promise(() =>
      fetch(new URL("/link", baseUrl), {
        method: "POST",
        body: new URLSearchParams({ code: pin.code, username: "alice" })
      }).then((response) => response.text())
    )
  const Live = PlexSession.layer().pipe(
    Layer.provideMerge(PlexAuthHttp.layerFetch({ baseUrl })),
    Layer.provideMerge(CredentialStore.layerClientInfo({ product: "Runtimes" })),
    Layer.provideMerge(CredentialStore.layerMemory)
  )
  const program = Effect.gen(function* () {
    const plex = yield* PlexAuth
    const session = yield* PlexSession
    const { account, token } = yield* SignIn.run({ jwt: true, show: (pin) => Effect.asVoid(claim(pin)) })
    const refreshed = yield* session.refresh()
    const again = yield* session.withToken(plex.account)
    const error = yield* Effect.flip(plex.getToken({ pinID: "1" }))
    return {
      name: account.displayName,
      printed: String(token),
      isJwt: Option.isSome(PlexJwt.claims(token)),
      isRefreshed: Redacted.value(refreshed) !== Redacted.value(token) && again.id === account.id,
      error: error._tag
    }
  })
  return Effect.runPromise(Effect.provide(program, Live))
}

// A Worker has no arguments, and imports the function.
const baseUrl = globalThis.process?.argv?.at(-1)
if (baseUrl?.startsWith("http")) console.log(JSON.stringify(await signIn(baseUrl)))
