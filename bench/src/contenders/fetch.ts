import { contend, pinUrl, promised } from "../support/contend.js"
import { hasToken } from "../support/hasToken.js"

await contend(
  promised(async () => {
    const headers = { accept: "application/json", "x-plex-client-identifier": "bench-client" }
    const response = await fetch(pinUrl, { headers })
    if (!hasToken(await response.json())) throw new Error("no token")
  })
)
