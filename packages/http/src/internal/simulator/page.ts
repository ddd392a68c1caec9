import * as HttpServerResponse from "@effect/platform/HttpServerResponse"

const style = `
:root { color-scheme: light dark; font: 1.125rem/1.5 system-ui, sans-serif; }
body { max-width: 34rem; margin: 3rem auto; padding: 0 1.25rem; overflow-wrap: anywhere; }
label { display: block; margin-top: 1rem; }
input, button { font: inherit; padding: .5rem .75rem; box-sizing: border-box; }
input { width: 100%; }
#code { letter-spacing: .1em; }
button { margin: 1rem .5rem 0 0; cursor: pointer; }
[hidden] { display: none; }
[role=status] { padding: .75rem 1rem; border: 2px solid; border-radius: .5rem; }
li { margin: .5rem 0; }
li button { display: block; margin: .25rem 0 1rem; overflow-wrap: anywhere; }
`

/** A page of the simulated plex.tv. */
export const page = (options: {
  readonly title: string
  readonly body: string
  readonly status: number
  /** What its content security policy allows besides its own style. */
  readonly allowed: string
  /** The path of its script, where it has one. */
  readonly script?: string
  readonly headers?: Readonly<Record<string, string>>
}): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simulated plex.tv: ${options.title}</title>
<style>${style}</style>
${options.script === undefined ? "" : `<script src="${options.script}" defer></script>`}
</head>
<body>
<main>
${options.body}
</main>
</body>
</html>
`,
    {
      status: options.status,
      contentType: "text/html; charset=utf-8",
      headers: {
        "cache-control": "no-store",
        "content-security-policy": `default-src 'none'; style-src 'unsafe-inline'; ${options.allowed}`,
        ...options.headers
      }
    }
  )
