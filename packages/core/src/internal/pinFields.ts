import { lenientBoolean, lenientDate, lenientSeconds, lenientSecret, lenientString } from "./lenient.js"

/** What Plex says of a PIN, when it is created and when it is read back, and no sign-in depends on. */
export const pinFields = {
  product: lenientString,
  trusted: lenientBoolean,
  // Its path ends in the code.
  qr: lenientSecret,
  clientIdentifier: lenientString,
  expiresIn: lenientSeconds,
  createdAt: lenientDate,
  expiresAt: lenientDate
}
