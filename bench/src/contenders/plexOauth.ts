import { PlexOauth } from "plex-oauth"
import { LinkHelper } from "plex-oauth/build/src/helpers/LinkHelper.js"
import { contend, promised, serverUrl } from "../support/contend.js"

// Its host is a constant.
Object.assign(LinkHelper, { PLEX_PIN_BASE_PATH: serverUrl })

const client = new PlexOauth({
  clientIdentifier: "bench-client",
  product: "My Cool App",
  device: "bench",
  version: "1",
  forwardUrl: "",
  platform: "Web"
})

await contend(
  promised(async () => {
    if ((await client.checkForAuthToken(1272322473)) === null) throw new Error("no token")
  })
)
