import { rules } from "./rules.js"

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(\.[0-9]{1,3}){3}$/.test(hostname)

/** The rule of a `SecureUrl` that a value breaks. */
export const brokenUrlRule = (value: unknown): string | undefined => {
  if (typeof value !== "string" || !URL.canParse(value)) return rules.url
  const { hostname, password, protocol, username } = new URL(value)
  if (protocol !== "https:" && !(protocol === "http:" && isLoopback(hostname))) {
    return "must begin with https://, or with http:// and a loopback address such as 127.0.0.1"
  }
  return username === "" && password === "" ? undefined : "must not have a user name or a password in it"
}
