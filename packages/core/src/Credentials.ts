/**
 * What a finished sign-in leaves.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { AccessToken } from "./AccessToken.js"
import { Account } from "./Account.js"
import { ClientIdentifier } from "./ClientIdentifier.js"

/**
 * A user's token, whose it is, and the client identifier that it was made for. In print the token is hidden. Encoding
 * gives plain values: encode only into a place that may hold a secret.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { AccessToken, Account, ClientIdentifier, Credentials } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * const credentials = new Credentials({
 *   token: Schema.decodeSync(AccessToken)("xxxxxxxxxxxxxxxxxxxx"),
 *   account: Schema.decodeUnknownSync(Account)({ id: 7, title: "Alice" }),
 *   clientIdentifier: ClientIdentifier.make("Postman")
 * })
 * console.log(`${credentials.account.displayName}: ${credentials.token}`) // "Alice: <redacted>"
 * ```
 */
export class Credentials extends Schema.Class<Credentials>("Credentials")({
  token: AccessToken,
  account: Account,
  clientIdentifier: ClientIdentifier
}) {}
