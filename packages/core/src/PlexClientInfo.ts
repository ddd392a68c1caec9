/**
 * Who is asking: the app and the device.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { ClientIdentifier } from "./ClientIdentifier.js"
import { decodeRequest } from "./internal/decodeRequest.js"
import { rules, saying } from "./internal/rules.js"
import type { InvalidRequest } from "./PlexAuthError.js"

const Name = Schema.String.pipe(
  Schema.pattern(/[^\s\p{Cc}]/u),
  Schema.maxLength(255),
  Schema.annotations(saying(rules.name))
)

const Options = Schema.Struct({
  clientIdentifier: Schema.optional(ClientIdentifier),
  product: Name,
  version: Schema.optional(Name),
  platform: Schema.optional(Name),
  platformVersion: Schema.optional(Name),
  device: Schema.optional(Name),
  deviceName: Schema.optional(Name),
  model: Schema.optional(Name),
  deviceVendor: Schema.optional(Name)
})

const optionRules = {
  ...Object.fromEntries(Object.keys(Options.fields).map((field) => [field, rules.name])),
  clientIdentifier: rules.clientIdentifier
}

/**
 * Who is asking: the app and the device, as the user sees them in the list of authorized devices. Plex limits clients
 * that send no product or share one client identifier.
 *
 * Names may have any characters; where they go into a header they are brought to ASCII.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/X-Plex-Headers
 * @since 0.1.0
 * @category services
 * @example
 * ```ts
 * import { PlexClientInfo } from "@plex-auth/core"
 *
 * const ClientInfo = PlexClientInfo.layer({
 *   clientIdentifier: "9f0f1c0e-6f7e-4a3e-8f2e-0c1f5b7f3f1d", // made once for this installation, and stored
 *   product: "My Cool App",
 *   version: "2.4.1",
 *   deviceName: "Bob’s Mac"
 * })
 * ```
 */
export class PlexClientInfo extends Context.Tag("@plex-auth/core/PlexClientInfo")<
  PlexClientInfo,
  PlexClientInfo.Service
>() {
  /**
   * Checks the options. Fails with `InvalidRequest` when the client identifier is not 1 to 255 visible ASCII characters
   * or a name is blank.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { PlexClientInfo } from "@plex-auth/core"
   * import { Effect } from "effect"
   *
   * const product = PlexClientInfo.make({ clientIdentifier: "", product: "My Cool App" }).pipe(
   *   Effect.map((client) => client.product),
   *   Effect.catchTag("InvalidRequest", (error) => Effect.succeed(error.message))
   * )
   * ```
   */
  static make(options: PlexClientInfo.Options): Effect.Effect<PlexClientInfo.Service, InvalidRequest> {
    return decodeRequest("PlexClientInfo", Options, optionRules)(options)
  }

  /**
   * A layer from the options. Fails like {@link PlexClientInfo.make}.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { PlexClientInfo } from "@plex-auth/core"
   *
   * const ClientInfo = PlexClientInfo.layer({ clientIdentifier: "Postman", product: "My Cool App", version: "2.4.1" })
   * ```
   */
  static layer(options: PlexClientInfo.Options): Layer.Layer<PlexClientInfo, InvalidRequest> {
    return Layer.effect(PlexClientInfo, PlexClientInfo.make(options))
  }

  /**
   * A layer from configuration, such as environment variables. Fails with a `ConfigError` when a value is missing, and
   * like {@link PlexClientInfo.make}.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { PlexClientInfo } from "@plex-auth/core"
   * import { Config } from "effect"
   *
   * const ClientInfo = PlexClientInfo.layerConfig({
   *   clientIdentifier: Config.string("PLEX_CLIENT_IDENTIFIER"),
   *   product: Config.succeed("My Cool App")
   * })
   * ```
   */
  static layerConfig(
    options: Config.Config.Wrap<PlexClientInfo.Options>
  ): Layer.Layer<PlexClientInfo, InvalidRequest | ConfigError.ConfigError> {
    return Layer.effect(PlexClientInfo, Effect.flatMap(Config.unwrap(options), PlexClientInfo.make))
  }
}

/**
 * The options, before and after they were checked.
 *
 * @since 0.1.0
 * @example
 * ```ts
 * import type { PlexClientInfo } from "@plex-auth/core"
 *
 * const options: PlexClientInfo.Options = { clientIdentifier: "Postman", product: "My Cool App" }
 * ```
 */
export declare namespace PlexClientInfo {
  /**
   * What an app says of itself. `clientIdentifier` may be left out where each request brings its own.
   *
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import { PlexClientInfo } from "@plex-auth/core"
   *
   * const ClientInfo = (options: PlexClientInfo.Options) => PlexClientInfo.layer({ platform: "Linux", ...options })
   * ```
   */
  export interface Options {
    readonly clientIdentifier?: string | undefined
    readonly product: string
    readonly version?: string | undefined
    readonly platform?: string | undefined
    readonly platformVersion?: string | undefined
    readonly device?: string | undefined
    readonly deviceName?: string | undefined
    readonly model?: string | undefined
    readonly deviceVendor?: string | undefined
  }

  /**
   * The options, checked.
   *
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import { PlexClientInfo } from "@plex-auth/core"
   * import { Console, Effect } from "effect"
   *
   * const program = Effect.flatMap(PlexClientInfo, (client: PlexClientInfo.Service) =>
   *   Console.log(`Signing ${client.product} in to Plex`)
   * )
   * ```
   */
  export interface Service extends Options {
    readonly clientIdentifier?: ClientIdentifier | undefined
  }
}
