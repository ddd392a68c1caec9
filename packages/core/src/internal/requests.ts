import { CreatePinRequest } from "../CreatePinRequest.js"
import { GetTokenRequest } from "../GetTokenRequest.js"
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
