import { request } from "undici"
import { contend, pinUrl, promised } from "../support/contend.js"
import { hasToken } from "../support/hasToken.js"

await contend(
  promised(async () => {
    const headers = { accept: "application/json", "x-plex-client-identifier": "bench-client" }
    const { body } = await request(pinUrl, { headers })
    if (!hasToken(await body.json())) throw new Error("no token")
  })
)
