import * as Effect from "effect/Effect"
import type { ClientIdentifier } from "../ClientIdentifier.js"
import { ClientIdentifierMismatch } from "../PlexAuthError.js"
import { PlexClientInfo } from "../PlexClientInfo.js"

/** Whoever has a client identifier of their own can't read the PIN of another one. */
export const sameClient = (
  operation: string,
  clientIdentifier: ClientIdentifier,
  own?: string
): Effect.Effect<void, ClientIdentifierMismatch, PlexClientInfo> =>
  Effect.flatMap(PlexClientInfo, (client) =>
    (own ?? client.clientIdentifier ?? clientIdentifier) === clientIdentifier
      ? Effect.void
      : new ClientIdentifierMismatch({ operation })
  )
