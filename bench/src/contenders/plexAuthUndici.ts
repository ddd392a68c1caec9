import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as PlexAuthHttp from "@plex-auth/http/PlexAuthHttp"
import * as Layer from "effect/Layer"
import { contend, serverUrl } from "../support/contend.js"
import { plexAuth } from "../support/plexAuth.js"

await contend(plexAuth(PlexAuthHttp.layer({ baseUrl: serverUrl }).pipe(Layer.provide(NodeHttpClient.layerUndici))))
