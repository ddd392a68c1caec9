import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { AccessToken } from "../AccessToken.js"
import { CreatePinRequest } from "../CreatePinRequest.js"
import { GetTokenRequest } from "../GetTokenRequest.js"
import { InvalidRequest } from "../PlexAuthError.js"
import { decodeRequest } from "./decodeRequest.js"
import { rules } from "./rules.js"

export const decodeCreatePin = decodeRequest("CreatePinRequest", CreatePinRequest, {
  strong: rules.boolean,
  xPlexProduct: rules.name,
  xPlexClientIdentifier: rules.clientIdentifier
})

export const decodeGetToken = decodeRequest("GetTokenRequest", GetTokenRequest, {
  pinID: rules.pinId,
  xPlexClientIdentifier: rules.clientIdentifier
})

const isToken = Schema.is(AccessToken)

/** A token that did not come out of its schema could be anything, and is sent in a header. */
export const decodeToken = (token: AccessToken): Effect.Effect<AccessToken, InvalidRequest> =>
  isToken(token)
    ? Effect.succeed(token)
    : Effect.fail(
        new InvalidRequest({ request: "PlexAuth.account", issues: [{ field: "token", rule: rules.accessToken }] })
      )
