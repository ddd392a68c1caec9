/**
 * The contract of plex.tv's endpoints.
 *
 * @since 0.1.0
 */
import { AccessToken, Account, ClientIdentifier, CreatePinResponse, GetTokenResponse, PinId } from "@plex-auth/core"
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"

// The simulated plex.tv has to answer a request without it as plex.tv does, so the contract can't require it.
const ClientHeaders = Schema.Struct({
  "x-plex-client-identifier": Schema.optional(ClientIdentifier)
})

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
      .addSuccess(CreatePinResponse, { status: 201 })
      .annotate(OpenApi.Summary, "Create a PIN")
  )
  .add(
    HttpApiEndpoint.get("getToken", "/pins/:pinID")
      .setPath(Schema.Struct({ pinID: PinId }))
      .setHeaders(ClientHeaders)
      .addSuccess(GetTokenResponse)
      .annotate(OpenApi.Summary, "Read a PIN back, with the access token once it is claimed")
  )

const User = HttpApiGroup.make("user").add(
  HttpApiEndpoint.get("account", "/user")
    .setHeaders(Schema.Struct({ ...ClientHeaders.fields, "x-plex-token": Schema.optional(AccessToken) }))
    .addSuccess(Account)
    .annotate(OpenApi.Summary, "Whose token it is")
)

/**
 * The contract of plex.tv's endpoints: `POST /pins`, `GET /pins/{pinID}` and `GET /user`, below
 * `https://plex.tv/api/v2`. The client of `PlexAuthHttp` is derived from it, `PlexTvSimulator` implements it, and
 * `OpenApi.fromApi` of `@effect/platform` makes a document of it.
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
 * console.log(Object.keys(OpenApi.fromApi(PlexTvApi).paths)) // [ '/pins', '/pins/{pinID}', '/user' ]
 * ```
 */
export class PlexTvApi extends HttpApi.make("plex.tv")
  .add(Pins)
  .add(User)
  .annotate(OpenApi.Title, "plex.tv sign-in")
  .annotate(OpenApi.Servers, [{ url: "https://plex.tv/api/v2" }]) {}
