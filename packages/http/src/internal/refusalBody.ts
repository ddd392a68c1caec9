/** What plex.tv says of an error in its body, which is JSON, XML, HTML or nothing. */
export interface RefusalBody {
  readonly code: number | undefined
  readonly reason: string | undefined
}

const codeOf = (value: unknown): number | undefined => {
  const number = typeof value === "string" && /^[0-9]{1,9}$/.test(value) ? Number(value) : value
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined
}

const looksSecret = (word: string): boolean =>
  /[0-9]{6,}/.test(word) ||
  /^(?=.*[0-9]).{16,}$/.test(word) ||
  // Nor is a long word one that people use, unless it is the name of a header.
  (word.length >= 18 && !/^\W*X-Plex-[A-Za-z-]+\W*$/i.test(word))

/**
 * A server's words, fit to be shown: one line, of a bounded length, without the secrets that were sent and without anything
 * else that might be a token, a PIN's id or a code.
 */
const reasonOf = (value: unknown, sent: ReadonlyArray<string>): string | undefined => {
  if (typeof value !== "string") return undefined
  const words = sent
    .reduce((text, secret) => text.replaceAll(secret, "<redacted>"), value)
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .split(" ")
  const line = words
    .map((word) => (looksSecret(word) ? "<redacted>" : word))
    .join(" ")
    .slice(0, 200)
  return line === "" ? undefined : line
}

const nothing: RefusalBody = { code: undefined, reason: undefined }

const own = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined

const fromJson = (text: string, sent: ReadonlyArray<string>): RefusalBody => {
  try {
    const errors = own(JSON.parse(text), "errors")
    const first: unknown = Array.isArray(errors) ? errors[0] : undefined
    return { code: codeOf(own(first, "code")), reason: reasonOf(own(first, "message"), sent) }
  } catch {
    return nothing
  }
}

const entities: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&"
}

const fromXml = (text: string, sent: ReadonlyArray<string>): RefusalBody => {
  const attributes = /<error\s([^<>]{0,2000})>/.exec(text)?.[1] ?? ""
  const message = /(?:^|\s)message="([^"]*)"/.exec(attributes)?.[1]
  return {
    code: codeOf(/(?:^|\s)code="([^"]*)"/.exec(attributes)?.[1]),
    reason: reasonOf(
      message?.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => entities[entity] ?? entity),
      sent
    )
  }
}

/** `sent` are the secrets that went out with the request. */
export const refusalBody = (text: string, sent: ReadonlyArray<string> = []): RefusalBody =>
  /^\s*\{/.test(text) ? fromJson(text, sent) : fromXml(text, sent)
