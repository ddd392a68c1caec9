import { PlexAPI } from "@lukehagar/plexjs"
import { contend, promised, serverUrl } from "../support/contend.js"

const client = new PlexAPI({ xPlexClientIdentifier: "bench-client" })

await contend(
  promised(async () => {
    // It puts paths together as URLs are resolved.
    const read = await client.plex.getTokenByPinId(1272322473, "bench-client", { serverURL: `${serverUrl}/` })
    if (typeof read.authPinContainer?.authToken !== "string") throw new Error("no token")
  })
)
