import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { escaped } from "./bodies.js"
import { page } from "./page.js"
import type { Pin } from "./state.js"

const waiting = (pins: ReadonlyArray<Pin>): string => {
  if (pins.length === 0) return "<p>No PIN is waiting. An app that asks this server for one will show up here.</p>"
  const items = pins.map(
    ({ clientIdentifier, code, product }) =>
      `<li><form method="post" action="/link"><input type="hidden" name="code" value="${escaped(code)}">` +
      `<input type="hidden" name="username" value="alice"><strong>${escaped(product === "" ? "An app without a name" : product)}</strong> ` +
      `(${escaped(clientIdentifier)}) <button>Claim ${escaped(code)} as alice</button></form></li>`
  )
  return `<ul>${items.join("")}</ul>`
}

/** The page on which a person claims PINs; on the real plex.tv it is https://plex.tv/link. */
export const linkPage = (options: {
  readonly pins: ReadonlyArray<Pin>
  readonly code: string
  readonly message?: string
  readonly status?: number
}): HttpServerResponse.HttpServerResponse =>
  page({
    title: "link a device",
    status: options.status ?? 200,
    allowed: "form-action 'self'",
    body: `<h1>Link a device</h1>
<p>This is a simulated plex.tv. It knows no real account, and no password is asked for.</p>
${options.message === undefined ? "" : `<p role="status">${escaped(options.message)}</p>`}
<form method="post" action="/link">
<label for="code">Code that your app shows</label>
<input id="code" name="code" required autocomplete="off" autocapitalize="characters" spellcheck="false" value="${escaped(options.code)}">
<label for="username">Claim it as</label>
<input id="username" name="username" required autocomplete="off" value="alice">
<button>Link</button>
</form>
<h2>Waiting PINs</h2>
${waiting(options.pins)}`
  })
