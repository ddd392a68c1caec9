import type { LinkPin } from "@plex-auth/core"
import { Duration } from "effect"
import { encode } from "uqr"
import { html } from "./html.js"
import type { Html } from "./html.js"

/** A page, and what its answer has to say besides. */
export interface Page {
  readonly status: number
  readonly title: string
  readonly body: Html
  /** What is only for the head of a page. */
  readonly head?: Html
}

const nothing = html``

/** A form that is a button: what changes something is sent with POST. */
const button = (action: string, label: string, look: "primary" | "secondary" = "secondary") =>
  html`<form method="post" action="${action}"><button class="${look}">${label}</button></form>`

const actions = (...all: ReadonlyArray<Html>) => html`<div class="actions">${all}</div>`

const home = html`<a class="button secondary" href="/">Back to the first page</a>`

const clock = (left: Duration.Duration) => {
  const seconds = Math.ceil(Duration.toSeconds(left))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}

/** The script counts it down. A screen reader is told through the status, now and then. */
const timeLeft = (left: Duration.Duration) =>
  html`<p class="time">
      Time left: <span role="timer" data-left="${Math.ceil(Duration.toSeconds(left))}">${clock(left)}</span>
    </p>
    <p role="status" class="spoken"></p>`

export const signedOut = (note?: string): Page => ({
  status: 200,
  title: "Sign in",
  body: html`<h1>Sign in</h1>
    ${note === undefined ? nothing : html`<p class="note" role="status">${note}</p>`}
    <p>Sign in with your Plex account. This site looks up your name there, and nothing else.</p>
    ${actions(button("/sign-in", "Sign in with Plex", "primary"), button("/link", "Sign in with a code"))}
    <p class="hint">On a TV, choose the code: you enter it on your phone, where you are signed in to Plex already.</p>`
})

export const forwarding = (left: Duration.Duration): Page => ({
  status: 200,
  title: "Waiting for Plex",
  body: html`<h1>Waiting for Plex</h1>
    <p>Sign in on Plex’s page. It sends you back here when you are done.</p>
    ${timeLeft(left)} ${actions(button("/sign-in", "Start again", "primary"), button("/sign-out", "Cancel"))}`
})

/** Drawn here: a picture from elsewhere would tell that place the code. */
const qrCode = (url: string) => {
  const { data, size } = encode(url, { border: 4 })
  const squares = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
  return html`<svg
    class="qr"
    viewBox="0 0 ${size} ${size}"
    role="img"
    aria-label="QR code of the address, with the code"
  >
    <rect width="${size}" height="${size}" fill="#fff" />
    <path d="${squares.join("")}" fill="#000" />
  </svg>`
}

export const linking = (pin: LinkPin, url: string, left: Duration.Duration): Page => ({
  status: 200,
  title: "Enter the code",
  // Without the script, the page looks for itself.
  head: html`<noscript><meta http-equiv="refresh" content="5;url=/look" /></noscript>`,
  body: html`<h1>Enter the code</h1>
    <p>On your phone or computer, open <a href="${url}">${url.replace(/^https?:\/\/|\/?\?.*$/g, "")}</a> and enter</p>
    <p class="code">
      <span aria-hidden="true">${pin.code}</span><span class="spoken">${Array.from(pin.code).join(" ")}</span>
    </p>
    <p>or scan this with your phone’s camera:</p>
    ${qrCode(url)} ${timeLeft(left)}
    <p role="alert" data-wait hidden>There is some trouble on the way to Plex. Still trying.</p>
    ${actions(button("/link", "Get a new code"), button("/sign-out", "Cancel"))}`
})

export const expired = (again: "/sign-in" | "/link"): Page =>
  again === "/link"
    ? {
        status: 200,
        title: "The code has expired",
        body: html`<h1>The code has expired</h1>
          <p>Nobody entered it in time. A new one is good for a quarter of an hour.</p>
          ${actions(button("/link", "Get a new code", "primary"), button("/sign-out", "Cancel"))}`
      }
    : {
        status: 200,
        title: "The sign-in has expired",
        body: html`<h1>The sign-in has expired</h1>
          <p>It was not finished in time. You can start another one.</p>
          ${actions(button("/sign-in", "Start again", "primary"), button("/sign-out", "Cancel"))}`
      }

export const notClaimed: Page = {
  status: 200,
  title: "Not signed in",
  body: html`<h1>You are not signed in</h1>
    <p>You came back from Plex without having signed in there.</p>
    ${actions(button("/sign-in", "Try again", "primary"), button("/link", "Sign in with a code"))}`
}

export const signedIn = (name: string): Page => ({
  status: 200,
  title: "Signed in",
  body: html`<h1>Hello, ${name}!</h1>
    <p>You are signed in with your Plex account.</p>
    ${actions(button("/sign-out", "Sign out"))}`
})

export const signedInWithoutName: Page = {
  status: 200,
  title: "Signed in",
  body: html`<h1>Hello!</h1>
    <p>You are signed in, but Plex can’t be asked for your name right now.</p>
    ${actions(html`<a class="button primary" href="/">Try again</a>`, button("/sign-out", "Sign out"))}`
}

/** A reason that goes away by itself, and what to do meanwhile. */
export const trouble = (reason: string, retry: Html = home): Page => ({
  status: 503,
  title: "That did not work",
  body: html`<h1>That did not work</h1>
    <p role="alert">${reason}</p>
    ${actions(retry)}`
})

/** A retry of what was asked for with GET. */
export const retryLink = (href: string) => html`<a class="button primary" href="${href}">Try again</a>`

export const retryButton = (action: string) => button(action, "Try again", "primary")

export const tooMany = (retryAfter: Duration.Duration): Page => {
  const seconds = Math.ceil(Duration.toSeconds(retryAfter))
  return {
    status: 429,
    title: "Too many tries",
    body: html`<h1>Too many tries</h1>
      <p role="alert">Please wait for ${seconds === 1 ? "a second" : `${seconds} seconds`}, and start again then.</p>
      ${actions(home)}`
  }
}

export const refused: Page = {
  status: 400,
  title: "Sign-in refused",
  body: html`<h1>This sign-in was refused</h1>
    <p role="alert">
      It was not started in this browser, or it is over already. Nobody was signed in by it. If somebody else sent you
      here, they may have meant to use your account.
    </p>
    ${actions(home)}`
}

export const otherOrigin = (publicUrl: string): Page => ({
  status: 403,
  title: "Refused",
  body: html`<h1>Refused</h1>
    <p role="alert">
      That did not come from a page of this site, whose address is <a href="${publicUrl}">${publicUrl}</a>.
    </p>`
})

export const notFound: Page = {
  status: 404,
  title: "Not found",
  body: html`<h1>There is no such page</h1>
    ${actions(home)}`
}

export const document = ({ body, head, title }: Page): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} – plex-auth example</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/style.css" />
        <script src="/page.js" defer></script>
        ${head ?? nothing}
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html> `.html
