import { renderUnicodeCompact } from "uqr"

/** A QR code whose light parts are blocks, if it fits into so many columns. */
export const qrLines = (text: string, columns: number): ReadonlyArray<string> => {
  const lines = renderUnicodeCompact(text, { border: 2 }).split("\n")
  return lines.every((line) => line.length + 4 <= columns) ? lines : []
}
