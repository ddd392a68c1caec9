import type { CredentialStore, PlexAuthError } from "@plex-auth/core"
import { Data } from "effect"
import type { Failed } from "../command.js"

/** What the command asks for is not there, or not possible; the message says what to do. */
export class Refused extends Data.TaggedError("Refused")<{ readonly message: string }> {}

export type CliError = Refused | Failed | PlexAuthError | CredentialStore.Error

/** The exit codes, as `--help` lists them. */
export const exitCodes: ReadonlyArray<readonly [code: number, meaning: string]> = [
  [0, "done"],
  [1, "it failed, and stderr says why"],
  [2, "wrong arguments"],
  [3, "nobody is signed in, or the token is no longer valid: login helps"],
  [4, "nobody claimed the PIN in time"],
  [5, "plex.tv can't be reached, or asks for fewer requests: trying later helps"],
  [6, "the store can't be read or written"],
  [130, "Ctrl-C"],
  [143, "SIGTERM"]
]

/** What a person is told of an error: a library says "sign in", and here that is a command. */
export const messageOf = (error: CliError): string =>
  error._tag === "NotSignedIn" ? "Nobody is signed in. Run login first." : error.message

/** Which of them an error stands for. */
export const exitCodeOf = (error: CliError): number => {
  switch (error._tag) {
    case "Failed":
      return error.exitCode
    case "InvalidRequest":
      return 2
    case "NotSignedIn":
    case "Unauthorized":
    case "TokenExpired":
    case "DeviceJwtRejected":
    case "DeviceKeyTaken":
    case "UntrustedToken":
      return 3
    case "PinExpired":
    case "PinNotClaimed":
      return 4
    case "PinNotFound":
      return error.operation === "PlexAuth.linkPin" ? 1 : 4
    case "PlexUnavailable":
    case "RateLimited":
      return 5
    case "StoreDamaged":
    case "StoreUnavailable":
      return 6
    default:
      return 1
  }
}
