import * as Schema from "effect/Schema"

/** What the errors of requests have in common. */
export const Operation = Schema.String.annotations({
  description: "The operation that failed, such as PlexAuth.getToken"
})

export const Status = Schema.Number.annotations({ description: "The HTTP status of the answer" })

export const Code = Schema.optional(Schema.Number.annotations({ description: "Plex's own code for the error" }))
