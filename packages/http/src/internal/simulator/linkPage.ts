import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { escaped } from "./bodies.js"
import type { Pin } from "./state.js"

const style = `
:root { color-scheme: light dark; font: 1.125rem/1.5 system-ui, sans-serif; }
body { max-width: 34rem; margin: 3rem auto; padding: 0 1.25rem; }
label { display: block; margin-top: 1rem; }
input, button { font: inherit; padding: .5rem .75rem; box-sizing: border-box; }
input { width: 100%; }
#code { letter-spacing: .1em; }
button { margin-top: 1rem; cursor: pointer; }
[role=status] { padding: .75rem 1rem; border: 2px solid; border-radius: .5rem; }
li { margin: .5rem 0; overflow-wrap: anywhere; }
li button { display: block; margin: .25rem 0 1rem; overflow-wrap: anywhere; }
`

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
  HttpServerResponse.text(
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simulated plex.tv: link a device</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Link a device</h1>
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
${waiting(options.pins)}
</main>
</body>
</html>
`,
    {
      status: options.status ?? 200,
      contentType: "text/html; charset=utf-8",
      headers: {
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"
      }
    }
  )
