/** What each field must be, in words that follow its name. They stand in errors, so they quote no value. */
export const rules = {
  pinId: "must be 1 to 20 decimal digits",
  clientIdentifier: "must be 1 to 255 visible ASCII characters, without spaces",
  name: "must be a string of 1 to 255 characters that is not blank",
  boolean: "must be true or false",
  token: "must be a string of 1 to 8192 visible ASCII characters",
  accessToken: "must be an AccessToken, decoded by its schema",
  deviceJwt: "must be a DeviceJwt, decoded by its schema",
  thumbprint: "must be a thumbprint: 43 characters of base64url",
  key: "must be 32 bytes in base64url: 43 characters",
  jwk: "must be the public half of a DeviceKey",
  refreshable: "must be one that was issued for a device key; SignIn.upgrade makes one of a legacy token",
  keyOfPin: "must be the key that the PIN was created with, and none for a PIN without one",
  code: "must be a string of 1 to 255 visible ASCII characters",
  linkCode: "must be the code of a link PIN: 1 to 8 letters and digits",
  uuid: "must be 1 to 64 letters, digits and hyphens",
  homePin: "must be four digits",
  integer: "must be a whole number",
  url: "must be a URL"
}

/** As a schema's message, in place of all that Effect would say, which quotes the value. */
export const saying = (rule: string) => ({ message: () => ({ message: rule, override: true }) })
