/**
 * Signing a user in to Plex, as an Effect domain: schemas, typed errors, schedules, and the `PlexAuth` service.
 *
 * @since 0.1.0
 * @module @plex-auth/core
 */
export { AccessToken } from "./AccessToken.js"
export { Account } from "./Account.js"
export * as AuthApp from "./AuthApp.js"
export { ClientIdentifier } from "./ClientIdentifier.js"
export { CreatePinRequest } from "./CreatePinRequest.js"
export { CreatePinResponse } from "./CreatePinResponse.js"
export { Credentials } from "./Credentials.js"
export { CredentialStore } from "./CredentialStore.js"
export { StoreDamaged, StoreUnavailable } from "./CredentialStoreError.js"
export { DeviceJwt } from "./DeviceJwt.js"
export { DeviceKey } from "./DeviceKey.js"
export { ClockWrong, CryptoUnavailable, DeviceJwtRejected, DeviceKeyTaken, UntrustedToken } from "./DeviceKeyError.js"
export { GetTokenRequest } from "./GetTokenRequest.js"
export { GetTokenResponse } from "./GetTokenResponse.js"
export { HomeUser, HomeUsers } from "./HomeUser.js"
export { issuePaths } from "./issuePaths.js"
export { LinkPin, Pin, StrongPin } from "./Pin.js"
export { PinId } from "./PinId.js"
export { PinLocation } from "./PinLocation.js"
export { PlexAuth } from "./PlexAuth.js"
export {
  ClientIdentifierMismatch,
  ClientIdentifierMissing,
  HomePinRejected,
  InvalidRequest,
  InvalidResponse,
  isPlexAuthError,
  isTransient,
  NotSignedIn,
  PinExpired,
  PinNotClaimed,
  PinNotFound,
  PlexAuthError,
  PlexUnavailable,
  RateLimited,
  Rejected,
  TokenExpired,
  Unauthorized
} from "./PlexAuthError.js"
export type { PinNotFoundReason } from "./PlexAuthError.js"
export { defaultPoll, defaultRetry, PlexAuthPolicy } from "./PlexAuthPolicy.js"
export * as PlexAuthTest from "./PlexAuthTest.js"
export { PlexClientInfo } from "./PlexClientInfo.js"
export * as PlexJwt from "./PlexJwt.js"
export { PlexKey, PlexKeys } from "./PlexKeys.js"
export { PlexSession } from "./PlexSession.js"
export { PublicJwk } from "./PublicJwk.js"
export { Resource, Resources } from "./Resource.js"
export { SecureUrl } from "./SecureUrl.js"
export { ServerConnection } from "./ServerConnection.js"
export { ServerToken } from "./ServerToken.js"
export * as SignIn from "./SignIn.js"
export { SignInEvent } from "./SignInEvent.js"
export type { WaitEvent } from "./SignInEvent.js"
export { SwitchUserRequest } from "./SwitchUserRequest.js"
export { SwitchUserResponse } from "./SwitchUserResponse.js"
export { Thumbprint } from "./Thumbprint.js"
