import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { AccessToken } from "../AccessToken.js"
import { CreatePinRequest } from "../CreatePinRequest.js"
import { DeviceJwt } from "../DeviceJwt.js"
import { GetTokenRequest } from "../GetTokenRequest.js"
import { InvalidRequest } from "../PlexAuthError.js"
import { PublicJwk } from "../PublicJwk.js"
import { SwitchUserRequest } from "../SwitchUserRequest.js"
import { decodeRequest } from "./decodeRequest.js"
import { rules } from "./rules.js"

export const decodeCreatePin = decodeRequest("CreatePinRequest", CreatePinRequest, {
  strong: rules.boolean,
  xPlexProduct: rules.name,
  xPlexClientIdentifier: rules.clientIdentifier,
  jwk: rules.jwk
})

export const decodeGetToken = decodeRequest("GetTokenRequest", GetTokenRequest, {
  pinID: rules.pinId,
  xPlexClientIdentifier: rules.clientIdentifier
})

const isToken = Schema.is(AccessToken)

/** A token that did not come out of its schema could be anything, and is sent in a header. */
export const decodeToken = (operation: string, token: AccessToken): Effect.Effect<AccessToken, InvalidRequest> =>
  isToken(token)
    ? Effect.succeed(token)
    : new InvalidRequest({ request: operation, issues: [{ field: "token", rule: rules.accessToken }] })

const isDeviceJwt = Schema.is(Schema.typeSchema(DeviceJwt))

/** As for a token. */
export const decodeDeviceJwt = (operation: string, deviceJwt: DeviceJwt): Effect.Effect<DeviceJwt, InvalidRequest> =>
  isDeviceJwt(deviceJwt)
    ? Effect.succeed(deviceJwt)
    : new InvalidRequest({ request: operation, issues: [{ field: "deviceJwt", rule: rules.deviceJwt }] })

export const decodeRegisterKey = decodeRequest("PlexAuth.registerKey", Schema.Struct({ jwk: PublicJwk }), {
  jwk: rules.jwk
})

const LinkCode = Schema.Struct({
  code: Schema.Trim.pipe(Schema.compose(Schema.Uppercase), Schema.pattern(/^[0-9A-Z]{1,8}$/))
})

/** A code as a person typed it. */
export const decodeLinkCode = decodeRequest("PlexAuth.linkPin", LinkCode, { code: rules.linkCode })

export const decodeSwitchUser = decodeRequest("SwitchUserRequest", SwitchUserRequest, {
  uuid: rules.uuid,
  pin: rules.homePin
})
