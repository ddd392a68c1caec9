/**
 * What plex.tv answers when a PIN is read back: the fields and sizes of a real answer. The postal code is a number, which
 * plexjs takes alone, and ids are numbers as far as a number has the digits.
 */
export const answer = (id: string, authToken: string | null): string =>
  JSON.stringify({
    id,
    code: "AB12",
    product: "My Cool App",
    trusted: false,
    qr: "https://plex.tv/api/v2/pins/qr/AB12",
    clientIdentifier: "bench-client",
    location: {
      code: "US",
      european_union_member: false,
      continent_code: "NA",
      country: "United States",
      city: "Austin",
      time_zone: "America/Chicago",
      postal_code: 78732,
      in_privacy_restricted_country: false,
      in_privacy_restricted_region: false,
      subdivisions: "Texas",
      coordinates: "30.3768, -97.8935"
    },
    expiresIn: 900,
    createdAt: "2026-04-12T17:00:03Z",
    expiresAt: "2026-04-12T17:15:03Z",
    authToken,
    newRegistration: authToken === null ? null : false
  }).replace(`"${id}"`, id.length < 16 ? id : `"${id}"`)
