const typographic: Readonly<Record<string, string>> = {
  "‘": "'",
  "’": "'",
  "‚": "'",
  "“": '"',
  "”": '"',
  "„": '"',
  "–": "-",
  "—": "-",
  ß: "ss",
  Æ: "AE",
  æ: "ae",
  Ø: "O",
  ø: "o",
  Œ: "OE",
  œ: "oe"
}

const percentEncoded = (character: string): string =>
  Array.from(
    new TextEncoder().encode(character),
    (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
  ).join("")

const ascii = (character: string): string => {
  const plain = typographic[character] ?? character.normalize("NFKD").replace(/[\u0300-\u036f]/g, "")
  const isPlain = /^[\x20-\x7e]*$/.test(plain) && (plain.trim() !== "" || character === " ")
  return isPlain ? plain : percentEncoded(character)
}

/**
 * A name in ASCII, for a header: there is no standard for anything else in one, and clients refuse it or send bytes that
 * servers read in different ways. Accents are dropped and typographic signs become their plain forms, since the name is
 * there for the user to recognize; what has no plain form is percent-encoded UTF-8.
 */
export const headerText = (name: string): string =>
  Array.from(
    name
      .normalize("NFC")
      // Accents for which there is no letter with them.
      .replace(/(?<=[\p{L}\p{N}])[\u0300-\u036f]+/gu, "")
      .replace(/[\s\p{Cc}]+/gu, " "),
    ascii
  )
    .join("")
    .trim()
