/**
 * URLs that may be trusted with a secret.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { rules } from "./internal/rules.js"
import { brokenUrlRule } from "./internal/urlRule.js"

/**
 * A URL at which nobody in between can read along: https, or http to a loopback address, which has nobody in between
 * (RFC 8252, section 8.3). It has no user name and no password in it. The error says which rule is broken, and does not
 * quote the URL.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8252#section-8.3
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { SecureUrl } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * const isSecure = Schema.is(SecureUrl)
 * console.log(isSecure("https://example.com/plex/callback")) // true
 * console.log(isSecure("http://127.0.0.1:3000/callback")) // true
 * console.log(isSecure("http://example.com/"), isSecure("javascript:alert(1)")) // false false
 * ```
 */
export const SecureUrl = Schema.String.pipe(
  Schema.filter((text) => brokenUrlRule(text) === undefined, {
    identifier: "SecureUrl",
    description: "An https URL, or an http URL of a loopback address",
    jsonSchema: { format: "uri" },
    arbitrary: () => (fc) => fc.webUrl({ validSchemes: ["https"] }),
    message: ({ actual }) => ({ message: brokenUrlRule(actual) ?? rules.url, override: true })
  }),
  Schema.brand("@plex-auth/core/SecureUrl")
)

/**
 * The type of the {@link SecureUrl} schema.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import type { SecureUrl } from "@plex-auth/core"
 *
 * const callback = (origin: SecureUrl): URL => new URL("/plex/callback", origin)
 * ```
 */
export type SecureUrl = typeof SecureUrl.Type
