/**
 * The contract of plex.tv's endpoints.
 *
 * @since 0.1.0
 */
import { AccessToken } from "@plex-auth/core/AccessToken"
import { Account } from "@plex-auth/core/Account"
import { ClientIdentifier } from "@plex-auth/core/ClientIdentifier"
import { CreatePinResponse } from "@plex-auth/core/CreatePinResponse"
import { DeviceJwt } from "@plex-auth/core/DeviceJwt"
import { GetTokenResponse } from "@plex-auth/core/GetTokenResponse"
import { HomeUsers } from "@plex-auth/core/HomeUser"
import { PinId } from "@plex-auth/core/PinId"
import { PlexKeys } from "@plex-auth/core/PlexKeys"
import { PublicJwk } from "@plex-auth/core/PublicJwk"
import { Resources } from "@plex-auth/core/Resource"
import { SwitchUserRequest } from "@plex-auth/core/SwitchUserRequest"
import { SwitchUserResponse } from "@plex-auth/core/SwitchUserResponse"
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"

// The simulated plex.tv has to answer a request without it as plex.tv does, so the contract can't require it.
const ClientHeaders = Schema.Struct({
  "x-plex-client-identifier": Schema.optional(ClientIdentifier)
})

const UserHeaders = Schema.Struct({ ...ClientHeaders.fields, "x-plex-token": Schema.optional(AccessToken) })

const Included = Schema.optional(Schema.Literal("1"))

const Pins = HttpApiGroup.make("pins")
  .add(
    HttpApiEndpoint.post("createPin", "/pins")
      .setUrlParams(
        Schema.Struct({
          strong: Schema.optional(
            Schema.BooleanFromString.annotations({
              description: "Whether to make a long code for the auth app, not four characters for plex.tv/link"
            })
          )
        })
      )
      .setHeaders(Schema.Struct({ ...ClientHeaders.fields, "x-plex-product": Schema.optional(Schema.String) }))
      .setPayload(
        Schema.Struct({ jwk: Schema.optional(PublicJwk), strong: Schema.optional(Schema.Boolean) }).annotations({
          description: "For a device with a key. Without one there need be no body."
        })
      )
      .addSuccess(CreatePinResponse, { status: 201 })
      .annotate(OpenApi.Summary, "Create a PIN")
  )
  .add(
    HttpApiEndpoint.get("getToken", "/pins/:pinID")
      .setPath(Schema.Struct({ pinID: PinId }))
      .setUrlParams(Schema.Struct({ deviceJWT: Schema.optional(DeviceJwt) }))
      .setHeaders(ClientHeaders)
      .addSuccess(GetTokenResponse)
      .annotate(OpenApi.Summary, "Read a PIN back, with the access token once it is claimed")
  )
  .add(
    HttpApiEndpoint.put("linkPin", "/pins/link")
      .setHeaders(UserHeaders)
      .setPayload(Schema.Struct({ code: Schema.String }).pipe(HttpApiSchema.withEncoding({ kind: "UrlParams" })))
      .addSuccess(HttpApiSchema.NoContent)
      .annotate(OpenApi.Summary, "Claim a link PIN for the token's user")
  )

const User = HttpApiGroup.make("user")
  .add(
    HttpApiEndpoint.get("account", "/user")
      .setHeaders(UserHeaders)
      .addSuccess(Account)
      .annotate(OpenApi.Summary, "Whose token it is")
  )
  .add(
    HttpApiEndpoint.get("ping", "/ping")
      .setHeaders(UserHeaders)
      .addSuccess(Schema.Struct({ pong: Schema.optional(Schema.Unknown) }))
      .annotate(OpenApi.Summary, "Keep a token from lapsing")
  )
  .add(
    HttpApiEndpoint.del("signOut", "/users/signout")
      .setHeaders(UserHeaders)
      .addSuccess(HttpApiSchema.NoContent)
      .annotate(OpenApi.Summary, "End a token")
  )
  .add(
    HttpApiEndpoint.get("resources", "/resources")
      .setUrlParams(Schema.Struct({ includeHttps: Included, includeRelay: Included, includeIPv6: Included }))
      .setHeaders(UserHeaders)
      .addSuccess(Resources)
      .annotate(OpenApi.Summary, "The devices of an account, and how to reach them")
  )

const Home = HttpApiGroup.make("home")
  .add(
    HttpApiEndpoint.get("homeUsers", "/home/users")
      .setHeaders(UserHeaders)
      .addSuccess(HomeUsers)
      .annotate(OpenApi.Summary, "The users of a Plex Home")
  )
  .add(
    HttpApiEndpoint.post("switchUser", "/home/users/:uuid/switch")
      .setPath(Schema.Struct({ uuid: SwitchUserRequest.fields.uuid }))
      .setUrlParams(Schema.Struct({ pin: Schema.optional(Schema.String) }))
      .setHeaders(UserHeaders)
      .addSuccess(SwitchUserResponse)
      .annotate(OpenApi.Summary, "Switch to another user of a Plex Home")
  )

const Auth = HttpApiGroup.make("auth")
  .add(
    HttpApiEndpoint.get("nonce", "/auth/nonce")
      .setHeaders(ClientHeaders)
      .addSuccess(Schema.Struct({ nonce: Schema.String.pipe(Schema.pattern(/^[\x21-\x7e]{1,255}$/)) }))
      .annotate(OpenApi.Summary, "A word for a device to sign")
  )
  .add(
    HttpApiEndpoint.post("exchangeJwt", "/auth/token")
      .setHeaders(ClientHeaders)
      .setPayload(Schema.Struct({ jwt: DeviceJwt }))
      .addSuccess(Schema.Struct({ auth_token: AccessToken }))
      .annotate(OpenApi.Summary, "A new token for what a device signed")
  )
  .add(
    HttpApiEndpoint.post("registerKey", "/auth/jwk")
      .setHeaders(UserHeaders)
      .setPayload(Schema.Struct({ jwk: PublicJwk }))
      .addSuccess(HttpApiSchema.NoContent)
      .annotate(OpenApi.Summary, "Register the key of a device that has a legacy token")
  )
  .add(
    HttpApiEndpoint.get("keys", "/auth/keys")
      .setHeaders(ClientHeaders)
      .addSuccess(PlexKeys)
      .annotate(OpenApi.Summary, "The keys that plex.tv signs tokens with")
  )

/**
 * The contract of plex.tv's endpoints below `https://plex.tv/api/v2`: PINs, the user of a token, the Plex Home, the keys of
 * devices. `PlexTvSimulator` implements it, so what `PlexAuthHttp` sends is held against it; `OpenApi.fromApi` of
 * `@effect/platform` makes a document of it. `PlexAuthHttp` itself builds its requests by hand, since a client that is
 * derived from a contract is slower and larger.
 *
 * It declares no error answers: plex.tv's edge sends some of them as HTML or not at all, so the client judges each by its
 * status before the contract sees it.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category contract
 * @example
 * ```ts
 * import { OpenApi } from "@effect/platform"
 * import { PlexTvApi } from "@plex-auth/http"
 *
 * console.log(Object.keys(OpenApi.fromApi(PlexTvApi).paths)) // [ '/pins', '/pins/{pinID}', '/pins/link', … ]
 * ```
 */
export class PlexTvApi extends HttpApi.make("plex.tv")
  .add(Pins.annotate(OpenApi.Description, "PINs: a client makes one, a user claims it, the client reads the token"))
  .add(User.annotate(OpenApi.Description, "The user of an access token, and what it is good for"))
  .add(Home.annotate(OpenApi.Description, "The users of a Plex Home"))
  .add(Auth.annotate(OpenApi.Description, "Tokens for a device with a key"))
  .annotate(OpenApi.Title, "plex.tv sign-in")
  .annotate(
    OpenApi.Description,
    "What signing a user in to Plex takes. Not made by Plex: written down from https://developer.plex.tv/pms/ and from recorded answers, of which it names the fields that a client needs."
  )
  .annotate(OpenApi.Version, "2")
  .annotate(OpenApi.License, { name: "MIT", url: "https://opensource.org/license/mit" })
  .annotate(OpenApi.Servers, [{ url: "https://plex.tv/api/v2" }]) {}
