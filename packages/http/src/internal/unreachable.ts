import { PlexUnavailable } from "@plex-auth/core/PlexAuthError"

type Reason = Exclude<PlexUnavailable["reason"], "status">

const reasons: ReadonlyArray<readonly [RegExp, Reason]> = [
  [/^(ENOTFOUND|EAI_)/, "dns"],
  [/^(ECONNREFUSED|ConnectionRefused)$/, "refused"],
  [/(CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_|EPROTO)/, "tls"],
  [/^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET|ERR_STREAM_PREMATURE_CLOSE|ConnectionClosed)$/, "reset"],
  [/(TIMEDOUT|TIMEOUT)/, "timeout"]
]

const property = (value: unknown, key: "cause" | "code" | "errors"): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined

/**
 * The runtime's own code for a fault of the network. It is in the error, or in what caused it, or in the first of several
 * attempts to connect; nothing else of them is fit to be shown.
 */
const codeOf = (error: unknown, depth = 0): string | undefined => {
  if (depth > 5 || error === undefined) return undefined
  const code = property(error, "code")
  if (typeof code === "string" && /^[A-Za-z][A-Za-z0-9_]{1,63}$/.test(code)) return code
  const errors = property(error, "errors")
  return codeOf(Array.isArray(errors) ? errors[0] : property(error, "cause"), depth + 1)
}

/** The error for an exchange that the network broke off; `usual` is what it is when the runtime has no code for it. */
export const unreachable = (operation: string, error: unknown, usual: "connection" | "reset"): PlexUnavailable => {
  const detail = codeOf(error)
  const reason = detail === undefined ? usual : (reasons.find(([pattern]) => pattern.test(detail))?.[1] ?? usual)
  return new PlexUnavailable({ operation, reason, detail })
}
