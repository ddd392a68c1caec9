/**
 * One way to reach a server.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import * as Schema from "effect/Schema"
import { lenient, lenientBoolean, lenientString } from "./internal/lenient.js"
import { rules, saying } from "./internal/rules.js"

/**
 * One way to reach a server, as plex.tv lists it. `uri` is what a request goes to, and alone is needed; it is http or
 * https, without user info.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Getting-Server-Information
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { ServerConnection } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * const connection = Schema.decodeSync(ServerConnection)({ uri: "https://10.0.0.2:32400", local: true })
 * console.log(connection.kind) // local
 * ```
 */
export class ServerConnection extends Schema.Class<ServerConnection>("ServerConnection")({
  uri: Schema.String.pipe(Schema.pattern(/^https?:\/\/[^\s/?#@]+\/?$/i)).annotations(saying(rules.url)),
  protocol: lenientString,
  address: lenientString,
  port: lenient(Schema.Int, "number"),
  local: lenientBoolean,
  relay: lenientBoolean,
  IPv6: lenientBoolean
}) {
  /**
   * Whether it is in the server's own network, across the internet, or through Plex's relay, which is slow.
   *
   * @since 0.1.0
   */
  get kind(): "local" | "remote" | "relay" {
    if (Option.contains(this.relay, true)) return "relay"
    return Option.contains(this.local, true) ? "local" : "remote"
  }

  /**
   * Whether what goes over it is encrypted.
   *
   * @since 0.1.0
   */
  get isSecure(): boolean {
    return this.uri.toLowerCase().startsWith("https:")
  }

  /**
   * The best one first: local before remote before relay, and of each https before http.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { ServerConnection } from "@plex-auth/core"
   * import type { Resource } from "@plex-auth/core"
   * import { Array } from "effect"
   *
   * const inOrder = (server: Resource) => Array.sort(server.connections, ServerConnection.bestFirst)
   * ```
   */
  static readonly bestFirst: Order.Order<ServerConnection> = Order.combine(
    Order.mapInput(Order.number, ({ kind }: ServerConnection) => ["local", "remote", "relay"].indexOf(kind)),
    Order.mapInput(Order.reverse(Order.boolean), ({ isSecure }: ServerConnection) => isSecure)
  )
}
