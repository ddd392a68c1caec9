import { CredentialStore, SignIn } from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { Console, Effect, Layer } from "effect"

const program = Effect.gen(function* () {
  const { account, token } = yield* SignIn.run({
    show: (pin) => Console.log(`Enter ${pin.code} at https://plex.tv/link`)
  })
  yield* Console.log(`Hello, ${account.displayName}!`, token) // Hello, Alice! <redacted>
})

const PlexLive = PlexAuthHttp.layerFetch({ baseUrl: process.env["PLEX_BASE_URL"] }).pipe(
  Layer.provideMerge(CredentialStore.layerClientInfo({ product: "My Cool App" })),
  // Forgotten when the program ends. CredentialStore.layerFile(path) keeps it.
  Layer.provideMerge(CredentialStore.layerMemory)
)

const main = program.pipe(
  Effect.provide(PlexLive),
  Effect.catchAll((error) =>
    Effect.sync(() => {
      console.error(error.message) // a sentence that says what to do next
      process.exitCode = 1
    })
  )
)

await Effect.runPromise(main)
