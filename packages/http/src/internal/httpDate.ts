/** The moment of an HTTP date (RFC 9110, section 5.6.7), in milliseconds; NaN for what is none. */
export const httpDate = (text: string | undefined): number =>
  text !== undefined && /^[A-Z][a-z]{2}.* GMT$/.test(text) ? Date.parse(text) : Number.NaN
