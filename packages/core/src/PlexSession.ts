/**
 * A signed-in user's token that is always valid.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import type { AccessToken } from "./AccessToken.js"
import type { Account } from "./Account.js"
import type { CredentialStore } from "./CredentialStore.js"
import type { ClockWrong, CryptoUnavailable, UntrustedToken } from "./DeviceKeyError.js"
import { makeSession } from "./internal/makeSession.js"
import type { PlexAuth } from "./PlexAuth.js"
import type { NotSignedIn } from "./PlexAuthError.js"

/**
 * The token of a signed-in user, valid whenever it is asked for: one that was issued for this device's key is refreshed
 * before it ends, a legacy token is kept from lapsing. It is read from the `CredentialStore` each time, so that it is the
 * newest one, whoever refreshed it.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category services
 * @example
 * ```ts
 * import { PlexAuth, PlexSession } from "@plex-auth/core"
 * import { Console, Effect } from "effect"
 *
 * const servers = Effect.gen(function* () {
 *   const plex = yield* PlexAuth
 *   const session = yield* PlexSession
 *   const resources = yield* session.withToken(plex.resources)
 *   yield* Console.log(resources.map(({ name }) => name))
 * })
 * ```
 */
export class PlexSession extends Context.Tag("@plex-auth/core/PlexSession")<PlexSession, PlexSession.Service>() {
  /**
   * A session over the store that is provided. It sends nothing by itself: the token is refreshed when somebody asks for it
   * and it ends soon.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { CredentialStore, PlexSession } from "@plex-auth/core"
   * import { NodeContext } from "@effect/platform-node"
   * import { Layer } from "effect"
   *
   * const Session = PlexSession.layer({ refreshAhead: "2 days" }).pipe(
   *   Layer.provideMerge(CredentialStore.layerFile("/home/alice/.config/app/plex.json")),
   *   Layer.provide(NodeContext.layer)
   * )
   * ```
   */
  static layer(options: PlexSession.Options = {}): Layer.Layer<PlexSession, never, PlexAuth | CredentialStore> {
    return Layer.scoped(
      PlexSession,
      Effect.map(makeSession(options), ({ service }) => service)
    )
  }

  /**
   * {@link PlexSession.layer}, and in the background, for as long as the layer lives, the token is looked after once an
   * hour or so, so that nobody has to wait for a refresh. What goes wrong there is tried again.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { CredentialStore, PlexSession } from "@plex-auth/core"
   * import { Layer } from "effect"
   *
   * const Session = PlexSession.layerBackground().pipe(Layer.provideMerge(CredentialStore.layerMemory))
   * ```
   */
  static layerBackground(
    options: PlexSession.Options = {}
  ): Layer.Layer<PlexSession, never, PlexAuth | CredentialStore> {
    return Layer.scoped(
      PlexSession,
      Effect.gen(function* () {
        const { ahead, service, tend } = yield* makeSession(options)
        const pause = Math.max(1000, Math.min(3_600_000, ahead))
        // Not in step with other programs.
        const pauses = Schedule.forever.pipe(
          Schedule.addDelayEffect(() => Random.nextIntBetween(Math.ceil(pause * 0.8), Math.ceil(pause)))
        )
        yield* tend(pause).pipe(Effect.ignoreLogged, Effect.repeat(pauses), Effect.forkScoped)
        return service
      })
    )
  }
}

/**
 * The session, what it is told and what it tells.
 *
 * @since 0.1.0
 * @example
 * ```ts
 * import type { PlexSession } from "@plex-auth/core"
 *
 * const tokenOf = (session: PlexSession.Service) => session.token
 * ```
 */
export declare namespace PlexSession {
  /**
   * Names of the account's data that a token can have in it. They are no permissions.
   *
   * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import type { PlexSession } from "@plex-auth/core"
   *
   * const scope: ReadonlyArray<PlexSession.Scope> = ["username", "friendly_name"]
   * ```
   */
  export type Scope = "username" | "email" | "friendly_name" | "restricted" | "anonymous" | "joinedAt" | (string & {})

  /**
   * - `account`: the id of the account whose token it is. The one that was stored last by default.
   * - `refreshAhead`: how long before its end a token is refreshed. 1 day.
   * - `scope`: what a refreshed token is to say of the account. Nothing by default.
   *
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import { PlexSession } from "@plex-auth/core"
   *
   * const options: PlexSession.Options = { refreshAhead: "2 days", scope: ["username"] }
   * const Session = PlexSession.layer(options)
   * ```
   */
  export interface Options {
    readonly account?: number | undefined
    readonly refreshAhead?: Duration.DurationInput | undefined
    readonly scope?: ReadonlyArray<Scope> | undefined
  }

  /**
   * Where a session stands: whose it is, which kind of token it has, until when that is valid by plex.tv's clock (`None` for
   * a legacy token, which has no end), and by how many milliseconds this machine's clock is corrected, since plex.tv's is so
   * much ahead.
   *
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import type { PlexSession } from "@plex-auth/core"
   * import { DateTime, Option } from "effect"
   *
   * const line = ({ account, expiresAt }: PlexSession.Status): string =>
   *   Option.match(expiresAt, {
   *     onNone: () => `${account.displayName}, until you sign out`,
   *     onSome: (time) => `${account.displayName}, until ${DateTime.formatIso(time)}`
   *   })
   * ```
   */
  export interface Status {
    readonly account: Account
    readonly kind: "jwt" | "legacy"
    readonly expiresAt: Option.Option<DateTime.Utc>
    readonly clockCorrection: number
  }

  /**
   * What can go wrong, each with what to do about it in its message:
   *
   * - `NotSignedIn`: there is no token;
   * - `Unauthorized`: the token was taken back; the user removed the device;
   * - `TokenExpired`: it has ended, and plex.tv gives no other one;
   * - `DeviceKeyTaken`, `DeviceJwtRejected`: the key is another device's, or not registered any more;
   * - `ClockWrong`: this machine's clock is more than a day wrong;
   * - `UntrustedToken`: what came is not from plex.tv, or not for this device;
   * - `RateLimited`, `PlexUnavailable`, `InvalidResponse`: the token has ended, and there is trouble in getting another one;
   *   while it is valid, trouble does not show;
   * - `StoreUnavailable`, `StoreDamaged`, `CryptoUnavailable`, and the rest of what an answer can be.
   *
   * @since 0.1.0
   * @category errors
   * @example
   * ```ts
   * import type { PlexSession } from "@plex-auth/core"
   *
   * const isWorthANewSignIn = (error: PlexSession.Error): boolean =>
   *   error._tag === "NotSignedIn" || error._tag === "Unauthorized" || error._tag === "TokenExpired"
   * ```
   */
  export type Error =
    NotSignedIn | PlexAuth.ExchangeJwtError | ClockWrong | UntrustedToken | CryptoUnavailable | CredentialStore.Error

  /**
   * The operations of a session.
   *
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import { PlexSession } from "@plex-auth/core"
   * import type { AccessToken } from "@plex-auth/core"
   * import { Effect, Layer } from "effect"
   *
   * const sessionWith = (token: AccessToken) => Layer.mock(PlexSession, { token: Effect.succeed(token) })
   * ```
   */
  export interface Service {
    /**
     * A token that is valid now. One that ends within `refreshAhead` is refreshed first, once for any number of callers;
     * after a refresh that failed, which is logged as a warning, the next is ten seconds later at the soonest, and meanwhile the token goes on to be given
     * for as long as it lives. A legacy token is verified and kept from lapsing (`PlexAuth.ping`) at its first use and then
     * once a day.
     */
    readonly token: Effect.Effect<AccessToken, Error>
    /**
     * Runs an effect with a token, and once more with a refreshed one when plex.tv says that it has expired (498). A second
     * 498 is the result.
     */
    readonly withToken: <A, E, R>(use: (token: AccessToken) => Effect.Effect<A, E, R>) => Effect.Effect<A, E | Error, R>
    /**
     * Gets a new token now, in place of the one given; that of the store by default. When the store has another one by then,
     * that is the result. A legacy token can't be refreshed, and fails with `InvalidRequest`: `SignIn.upgrade` makes one
     * that can.
     */
    readonly refresh: (instead?: AccessToken) => Effect.Effect<AccessToken, Error>
    /** Where things stand. Sends nothing. */
    readonly status: Effect.Effect<Status, NotSignedIn | CredentialStore.Error>
  }
}
