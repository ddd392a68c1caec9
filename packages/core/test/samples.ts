/** Whole answers of plex.tv, as it sends them. */

export const location = {
  code: "US",
  european_union_member: false,
  continent_code: "NA",
  country: "United States",
  city: "Austin",
  time_zone: "America/Chicago",
  postal_code: "78732",
  in_privacy_restricted_country: false,
  in_privacy_restricted_region: true,
  subdivisions: "Texas",
  coordinates: "30.3768, -97.8935"
}

/** What a PIN has, once it was created, next to what it can't do without. */
export const pinExtras = {
  product: "My Cool App",
  trusted: false,
  qr: "https://plex.tv/api/v2/pins/qr/AB12",
  clientIdentifier: "Postman",
  expiresIn: 1800,
  createdAt: "2023-04-12T17:00:03Z",
  expiresAt: "2023-04-12T17:30:03Z"
}

/** What no sign-in needs of a PIN that is read back. */
export const readPinExtras = { code: "AB12", ...pinExtras, location, newRegistration: null }

export const readPin = { id: 1272322473, ...readPinExtras, authToken: null }

export const createdPin = { id: 1272322473, code: "AB12", ...pinExtras }

/** What may stand where something else was expected. */
export const drift: ReadonlyArray<unknown> = [null, "text", "", 7, -1.5, 0, true, false, {}, { a: [1] }, [], ["a"]]
