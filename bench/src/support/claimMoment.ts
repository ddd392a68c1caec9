/**
 * A PIN's id says when the PIN is claimed: its first 13 digits are that moment, in milliseconds since the epoch. So the
 * server needs no state, and client and server agree. A short id is claimed already.
 */
export const claimMoment = (id: string): number => (id.length > 13 ? Number(id.slice(0, 13)) : 0)

export const pinClaimedAt = (millis: number, index: number): string =>
  `${Math.round(millis)}${String(index).padStart(6, "0")}`
