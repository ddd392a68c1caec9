/** A PIN as plex.tv sends it, with other values for some fields; `undefined` leaves a field out. */
export const pinBody = (fields: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    id: 1272322473,
    code: "AB12",
    product: "Raw Bytes",
    trusted: false,
    qr: "https://plex.tv/api/v2/pins/qr/AB12",
    clientIdentifier: "raw-bytes-client",
    location,
    expiresIn: 1800,
    createdAt: "2026-07-24T10:00:00Z",
    expiresAt: "2026-07-24T10:30:00Z",
    authToken: null,
    newRegistration: null,
    ...fields
  })

export const location = {
  code: "US",
  european_union_member: false,
  continent_code: "NA",
  country: "United States",
  city: "Austin",
  time_zone: "America/Chicago",
  postal_code: "78732",
  in_privacy_restricted_country: false,
  in_privacy_restricted_region: false,
  subdivisions: "Texas",
  coordinates: "30.3768, -97.8935"
}

export const pinID = "1272322473"

export const accountBody = (fields: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    id: 7,
    uuid: "0f0f",
    username: "alice",
    title: "Alice",
    friendlyName: "",
    email: "alice@example.com",
    thumb: "https://plex.tv/users/0f0f/avatar",
    home: true,
    restricted: false,
    ...fields
  })
