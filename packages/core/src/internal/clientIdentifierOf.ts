import * as Effect from "effect/Effect"
import type { ClientIdentifier } from "../ClientIdentifier.js"
import { ClientIdentifierMissing } from "../PlexAuthError.js"
import type { PlexClientInfo } from "../PlexClientInfo.js"

/** The request's own client identifier goes before that of the program. */
export const clientIdentifierOf = (
  operation: string,
  request: { readonly xPlexClientIdentifier?: ClientIdentifier | undefined },
  client: PlexClientInfo.Service
): Effect.Effect<ClientIdentifier, ClientIdentifierMissing> => {
  const identifier = request.xPlexClientIdentifier ?? client.clientIdentifier
  return identifier === undefined ? Effect.fail(new ClientIdentifierMissing({ operation })) : Effect.succeed(identifier)
}
