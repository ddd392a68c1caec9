/**
 * `PlexAuth` over plex.tv's HTTP API.
 *
 * @since 0.1.0
 * @module @plex-auth/http
 */
export * as PlexAuthHttp from "./PlexAuthHttp.js"
export * as PlexServer from "./PlexServer.js"
export * as PlexSessionHttp from "./PlexSessionHttp.js"
export { PlexTvApi } from "./PlexTvApi.js"
