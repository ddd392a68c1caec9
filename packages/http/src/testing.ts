/**
 * A simulated plex.tv, for tests and for trying things out.
 *
 * @since 0.1.0
 * @module @plex-auth/http/testing
 */
export * as Fault from "./testing/Fault.js"
export { PlexTvSimulator } from "./testing/PlexTvSimulator.js"
export { UnknownCode } from "./testing/UnknownCode.js"
