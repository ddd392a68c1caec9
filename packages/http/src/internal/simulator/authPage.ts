import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as AuthApp from "@plex-auth/core/AuthApp"
import * as Effect from "effect/Effect"
import type { UnknownCode } from "../../testing/UnknownCode.js"
import { escaped } from "./bodies.js"
import { page } from "./page.js"
import type { Pin } from "./state.js"

/** What an app asks for. It stands in the fragment of the page's address, which no server gets to see. */
interface Asked {
  readonly product: string
  readonly clientID: string
  readonly code: string
  readonly forwardUrl: string
}

const nothing: Asked = { product: "", clientID: "", code: "", forwardUrl: "" }

const authPage = (asked: Asked, message = "", status = 200, isOver = false): HttpServerResponse.HttpServerResponse => {
  const field = (name: keyof Asked) => `<input type="hidden" name="${name}" value="${escaped(asked[name])}">`
  return page({
    title: "sign in",
    status,
    script: "/auth.js",
    // Not form-action, which in Chromium would bind the redirect to forwardUrl as well.
    allowed: "script-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    headers: {
      "referrer-policy": "no-referrer",
      // As the real page has it: whoever opens it in a popup sees `closed` at once.
      "cross-origin-opener-policy": "same-origin"
    },
    body: `<h1>Sign in</h1>
<p>This is a simulated plex.tv. It knows no real account, and no password is asked for.</p>
<p role="status"${message === "" ? " hidden" : ""}>${escaped(message)}</p>
<noscript><p>This page reads who sent you from its own address, and needs JavaScript for it.</p></noscript>
<form method="post" action="/auth"${isOver || asked.code === "" ? " hidden" : ""}>
<p><strong id="product">${escaped(asked.product)}</strong> asks to be signed in to your account.
If you did not start this yourself, cancel.</p>
${field("product")}${field("clientID")}${field("code")}${field("forwardUrl")}
<label for="username">Sign in as</label>
<input id="username" name="username" required autocomplete="off" value="alice">
<button name="answer" value="claim">Sign in</button>
<button name="answer" value="cancel" formnovalidate>Cancel</button>
</form>`
  })
}

const script = `const form = document.querySelector("form")
const status = document.querySelector("[role=status]")
const fragment = new URLSearchParams(location.hash.replace(/^#\\??/, ""))
const asked = {
  product: fragment.get("context[device][product]") || "An app without a name",
  clientID: fragment.get("clientID") ?? "",
  code: fragment.get("code") ?? "",
  forwardUrl: fragment.get("forwardUrl") ?? ""
}
if (asked.code !== "") {
  for (const [name, value] of Object.entries(asked)) form.elements[name].value = value
  document.getElementById("product").textContent = asked.product
  form.hidden = false
} else if (form.hidden && status.hidden) {
  status.textContent = "No app has sent you here: the address of this page has no code in it."
  status.hidden = false
}
addEventListener("hashchange", () => location.reload())
`

/** The script of the page, which takes what is asked out of the fragment. */
export const authScript: HttpServerResponse.HttpServerResponse = HttpServerResponse.text(script, {
  contentType: "text/javascript; charset=utf-8",
  headers: { "cache-control": "no-store" }
})

/** The page on which a person signs in and claims a strong PIN; on the real Plex it is https://app.plex.tv/auth. */
export const emptyAuthPage: HttpServerResponse.HttpServerResponse = authPage(nothing)

/** What the page does with the person's answer. */
export const answerAuthPage = Effect.fnUntraced(function* (
  form: URLSearchParams,
  waiting: ReadonlyArray<Pin>,
  claim: (code: string, username: string) => Effect.Effect<unknown, UnknownCode>
) {
  const read = (name: string) => form.get(name)?.trim() ?? ""
  const asked: Asked = {
    product: read("product"),
    clientID: read("clientID"),
    code: read("code"),
    forwardUrl: read("forwardUrl")
  }
  const back = asked.forwardUrl === "" ? Effect.succeedNone : Effect.asSome(AuthApp.forwardUrl(asked.forwardUrl))
  const username = read("username") || "alice"
  const pin = waiting.find(
    (each) => each.strong && each.code === asked.code && each.clientIdentifier === asked.clientID
  )

  return yield* Effect.gen(function* () {
    const forwardUrl = yield* back
    const goBack = (message: string) =>
      forwardUrl._tag === "None"
        ? authPage(asked, message, 200, true)
        : HttpServerResponse.redirect(forwardUrl.value, { status: 303 })
    if (read("answer") === "cancel") return goBack("You did not sign in. You can close this page.")
    if (pin === undefined) {
      return authPage(asked, "This sign-in is not known here, has expired, or is done already.", 404, true)
    }
    yield* claim(pin.code, username)
    return goBack(`Signed in as ${username}. You can go back to your app.`)
  }).pipe(
    Effect.catchTags({
      InvalidRequest: () =>
        Effect.succeed(authPage(asked, "This app wants you sent to an address that is not allowed.", 400, true)),
      UnknownCode: () => Effect.succeed(authPage(asked, "This sign-in has expired.", 404, true))
    })
  )
})
