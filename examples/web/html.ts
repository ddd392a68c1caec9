/** Text that is HTML, and may stand in a page as it is. */
export interface Html {
  readonly html: string
}

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${String(character.codePointAt(0))};`)

const rendered = (value: string | number | Html | ReadonlyArray<Html>): string =>
  typeof value === "object" ? ("html" in value ? value.html : value.map(rendered).join("")) : escaped(String(value))

/** A template for HTML. What is put into it is escaped, unless it is HTML itself. */
export const html = (
  parts: TemplateStringsArray,
  ...values: ReadonlyArray<string | number | Html | ReadonlyArray<Html>>
): Html => ({ html: String.raw({ raw: parts }, ...values.map(rendered)) })
