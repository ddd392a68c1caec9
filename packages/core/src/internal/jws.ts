import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { decodeProtectedHeader } from "jose/decode/protected_header"
import { decodeJwt } from "jose/jwt/decode"
import type { AccessToken } from "../AccessToken.js"

/** What a token says of its signature, if it is a JWS. */
export const headerOf = Option.liftThrowable((token: AccessToken) => decodeProtectedHeader(Redacted.value(token)))

/** What a token claims, if it is a JWT. Nobody has looked at its signature. */
export const payloadOf = Option.liftThrowable((token: AccessToken): unknown => decodeJwt(Redacted.value(token)))
