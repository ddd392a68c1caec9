/** Decodes one answer over and over, in a process of its own. Prints the microseconds of each time. */
import { GetTokenByPinIdAuthPinContainer$inboundSchema as PlexjsAnswer } from "@lukehagar/plexjs/sdk/models/operations/gettokenbypinid.js"
import { GetTokenResponse } from "@plex-auth/core/GetTokenResponse"
import * as Schema from "effect/Schema"
import { answer } from "./support/answer.js"

const text = answer("1272322473", "aBcDeFgHiJkLmNoPqRsT")
const decode = Schema.decodeUnknownSync(GetTokenResponse)
const decoders: Readonly<Record<string, () => unknown>> = {
  plexAuth: () => decode(JSON.parse(text)),
  plexjs: () => PlexjsAnswer.parse(JSON.parse(text))
}

const decodeOne = decoders[process.argv[2] ?? ""]
if (decodeOne === undefined) throw new Error("whose decoder?")
const times = 20_000
for (let i = 0; i < times; i += 1) decodeOne()
const started = performance.now()
for (let i = 0; i < times; i += 1) decodeOne()
console.log(String(((performance.now() - started) * 1_000) / times))
