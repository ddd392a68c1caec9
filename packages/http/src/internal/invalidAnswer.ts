import { InvalidResponse } from "@plex-auth/core/PlexAuthError"

/** What is known of an answer, and may be shown. */
export interface Seen {
  readonly status: number
  readonly contentType: string | undefined
  readonly length?: number | undefined
}

export const invalidAnswer = (
  operation: string,
  reason: InvalidResponse["reason"],
  seen: Seen,
  paths: ReadonlyArray<string> = []
): InvalidResponse => new InvalidResponse({ operation, reason, ...seen, paths })
