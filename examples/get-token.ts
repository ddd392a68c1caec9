import { PlexAuth, PlexClientInfo, SignIn } from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { Console, Effect, Layer } from "effect"

const program = Effect.gen(function* () {
  const plex = yield* PlexAuth
  const pin = yield* SignIn.start()
  yield* Console.log(`Enter ${pin.code} at https://plex.tv/link`)
  const token = yield* SignIn.wait(pin) // Redacted: in print it is <redacted>
  const account = yield* plex.account(token)
  yield* Console.log(`Hello, ${account.displayName}!`)
})

const PlexLive = PlexAuthHttp.layerFetch({ baseUrl: process.env["PLEX_BASE_URL"] }).pipe(
  Layer.provide(
    PlexClientInfo.layer({
      product: "My Cool App",
      // An app makes this once for each installation, stores it, and uses it for good.
      clientIdentifier: process.env["PLEX_CLIENT_IDENTIFIER"] ?? crypto.randomUUID()
    })
  )
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
