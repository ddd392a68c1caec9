import * as PlexAuthHttp from "@plex-auth/http/PlexAuthHttp"
import { contend, serverUrl } from "../support/contend.js"
import { plexAuth } from "../support/plexAuth.js"

await contend(plexAuth(PlexAuthHttp.layerFetch({ baseUrl: serverUrl })))
