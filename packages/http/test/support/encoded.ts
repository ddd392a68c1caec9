import { PlexAuthError } from "@plex-auth/core"
import { Schema } from "effect"

const encode = Schema.encodeSync(Schema.parseJson(PlexAuthError))

/** An error as plain data, without the fields that it does not have. */
export const encoded = (error: PlexAuthError): unknown => JSON.parse(encode(error))
