import { renderUnicodeCompact } from "uqr"

/** A QR code in half blocks, dark on light whatever the terminal's colours are, if it fits into so many columns. */
export const qrLines = (text: string, columns: number): ReadonlyArray<string> => {
  const lines = renderUnicodeCompact(text, { border: 2 }).split("\n")
  return lines.every((line) => line.length + 4 <= columns) ? lines : []
}
