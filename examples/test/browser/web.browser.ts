/** The web page in a real browser. It needs Chromium, so `.ci/run` runs it and `pnpm test` does not. */
import { KeyValueStore } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Fault, PlexTvSimulator } from "@plex-auth/http/testing"
import { Config, Effect, Layer, Logger, Option } from "effect"
import { chromium } from "playwright-core"
import type { BrowserContextOptions, Page } from "playwright-core"
import { addressOf, instance, simulator, visitor } from "../support/site.js"

const Around = Layer.mergeAll(simulator, KeyValueStore.layerMemory, Logger.remove(Logger.defaultLogger))

const opened = Effect.map(Layer.build(instance()), addressOf)

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

const desktop: BrowserContextOptions = { viewport: { width: 1000, height: 800 } }
const phoneInTheDark: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  colorScheme: "dark",
  hasTouch: true,
  isMobile: true
}

/** A browser that counts as trouble whatever its console complains of, such as what the content security policy stops. */
const openPage = (options: BrowserContextOptions) =>
  Effect.gen(function* () {
    const executablePath = yield* Config.string("CHROMIUM").pipe(Config.withDefault("/usr/bin/chromium"))
    const browser = yield* Effect.acquireRelease(
      Effect.promise(() => chromium.launch({ executablePath, args: flags })),
      (launched) => Effect.promise(() => launched.close())
    )
    const page = yield* Effect.promise(() => browser.newPage(options))
    const complaints: Array<string> = []
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text())
    })
    page.on("pageerror", (error) => void complaints.push(error.message))
    return { page, complaints, on: <A>(act: (page: Page) => Promise<A>) => Effect.promise(() => act(page)) }
  })

/** For a person to look at: `SCREENSHOTS=folder`. */
const screenshot = (page: Page, name: string) =>
  Effect.flatMap(Effect.orDie(Config.option(Config.string("SCREENSHOTS"))), (folder) =>
    Option.isNone(folder)
      ? Effect.void
      : Effect.promise(() => page.screenshot({ path: `${folder.value}/${name}.png`, fullPage: true }))
  )

/** The page with this heading has come, and does not run across the screen. */
const arrived = (page: Page, title: string) =>
  Effect.gen(function* () {
    yield* Effect.promise(() =>
      page.getByRole("heading", { level: 1, name: title, exact: true }).waitFor({ timeout: 10_000 })
    )
    const overflow = yield* Effect.promise(() =>
      page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )
    assert.strictEqual(overflow, 0)
  })

/** Walks with the Tab key to the control with this label, and presses Enter on it. */
const chooseByKeyboard = (page: Page, label: string) =>
  Effect.promise(async () => {
    for (let i = 0; i < 10; i++) {
      await page.keyboard.press("Tab")
      const focused = page.locator(":focus")
      if ((await focused.count()) === 1 && (await focused.innerText()).trim() === label) {
        const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        await page.keyboard.press("Enter")
        return outline
      }
    }
    return `no control says ${label}`
  })

it.scopedLive("a user signs in through the auth app with the keyboard alone, and signs out", () =>
  Effect.gen(function* () {
    const url = yield* opened
    const { complaints, on, page } = yield* openPage(desktop)
    yield* on(() => page.goto(url))
    yield* arrived(page, "Sign in")
    yield* screenshot(page, "signed-out")

    assert.strictEqual(yield* chooseByKeyboard(page, "Sign in with Plex"), "solid")
    yield* on(() => page.getByText("asks to be signed in to your account").waitFor())
    assert.strictEqual(yield* on(() => page.locator("#product").innerText()), "<i>Tom</i> & Sons")
    yield* screenshot(page, "auth-app")
    yield* on(() => page.getByLabel("Sign in as").focus())
    yield* on(() => page.keyboard.press("ControlOrMeta+A"))
    yield* on(() => page.keyboard.type("bob"))
    yield* on(() => page.keyboard.press("Enter"))

    yield* arrived(page, "Hello, bob!")
    assert.strictEqual(page.url(), `${url}/`)
    assert.strictEqual(
      yield* on(() => page.evaluate("document.cookie + localStorage.length + sessionStorage.length")),
      "00"
    )
    yield* screenshot(page, "signed-in")
    assert.strictEqual(yield* chooseByKeyboard(page, "Sign out"), "solid")
    yield* arrived(page, "Sign in")
    assert.deepStrictEqual(complaints, [])
  }).pipe(Effect.provide(Around))
)

it.scopedLive("a user goes back from the auth app, starts again, and cancels there", () =>
  Effect.gen(function* () {
    const url = yield* opened
    const { complaints, on, page } = yield* openPage(desktop)
    yield* on(() => page.goto(url))
    yield* on(() => page.getByRole("button", { name: "Sign in with Plex" }).click())
    yield* on(() => page.getByRole("button", { name: "Cancel" }).waitFor())
    yield* on(() => page.goto(url))
    yield* arrived(page, "Waiting for Plex")
    assert.match(yield* on(() => page.getByRole("timer").innerText()), /^(30:00|29:5[0-9])$/)
    yield* screenshot(page, "waiting")
    yield* on(() => page.getByRole("button", { name: "Start again" }).click())
    yield* on(() => page.getByRole("button", { name: "Cancel" }).click())
    yield* on(() => page.getByRole("heading", { name: "You are not signed in" }).waitFor({ timeout: 20_000 }))
    yield* screenshot(page, "not-claimed")
    yield* on(() => page.getByRole("button", { name: "Try again" }).click())
    yield* on(() => page.getByRole("button", { name: "Sign in", exact: true }).click())
    yield* arrived(page, "Hello, alice!")
    assert.deepStrictEqual(complaints, [])
  }).pipe(Effect.provide(Around))
)

it.scopedLive("a code is shown on a phone in dark mode, and the page goes on by itself when it was entered", () =>
  Effect.gen(function* () {
    const simulated = yield* PlexTvSimulator
    const url = yield* opened
    const { complaints, on, page } = yield* openPage(phoneInTheDark)
    yield* on(() => page.goto(url))
    yield* arrived(page, "Sign in")
    yield* screenshot(page, "signed-out-phone-dark")
    yield* on(() => page.getByRole("button", { name: "Sign in with a code" }).click())
    yield* arrived(page, "Enter the code")
    const code = (yield* simulated.waiting)[0]?.code ?? ""
    assert.strictEqual(yield* on(() => page.locator(".code [aria-hidden]").innerText()), code)
    assert.isTrue(yield* on(() => page.getByRole("img", { name: /^QR code/ }).isVisible()))
    yield* screenshot(page, "link-phone-dark")

    // The time goes down without a word to screen readers.
    const left = yield* on(() => page.getByRole("timer").innerText())
    yield* on(() => page.getByRole("timer").filter({ hasNotText: left }).waitFor())
    assert.strictEqual(yield* on(() => page.getByRole("status").innerText()), "")

    const { page: other } = yield* openPage(desktop)
    const linkPage = yield* on(() => page.getByRole("link").getAttribute("href"))
    yield* on(() => other.goto(linkPage ?? ""))
    yield* on(() => other.getByLabel("Claim it as").fill("bob"))
    yield* on(() => other.getByRole("button", { name: "Link", exact: true }).click())
    yield* arrived(page, "Hello, bob!")
    yield* screenshot(page, "signed-in-phone-dark")
    assert.deepStrictEqual(complaints, [])
  }).pipe(Effect.provide(Around))
)

it.scopedLive("the time goes down on the page, and a screen reader hears of it twice", () =>
  Effect.gen(function* () {
    const url = yield* opened
    const { complaints, on, page } = yield* openPage(desktop)
    yield* on(() => page.clock.install())
    yield* on(() => page.goto(url))
    yield* on(() => page.getByRole("button", { name: "Sign in with a code" }).click())
    yield* arrived(page, "Enter the code")
    const news = () => on(() => page.getByRole("status").innerText())
    for (const [seconds, time, heard] of [
      [590, /^5:(09|10)$/, ""],
      [60, /^4:(09|10)$/, "Less than five minutes left"],
      [180, /^1:(09|10)$/, "Less than five minutes left"],
      [60, /^0:(09|10)$/, "Less than a minute left"]
    ] as const) {
      yield* on(() => page.clock.runFor(seconds * 1000))
      assert.match(yield* on(() => page.getByRole("timer").innerText()), time)
      assert.strictEqual(yield* news(), heard)
    }
    // Its time is over, and it asks the server, for which the code is as good as new.
    yield* on(() => page.clock.runFor(11_000))
    yield* on(() =>
      page
        .getByRole("timer")
        .filter({ hasText: /^1[45]:/ })
        .waitFor()
    )
    assert.deepStrictEqual(complaints, [])
  }).pipe(Effect.provide(Around))
)

it.scopedLive("a code that expires: a page with a button for a new one; without a script too", () =>
  Effect.gen(function* () {
    const simulated = yield* PlexTvSimulator
    const url = yield* opened
    for (const javaScriptEnabled of [true, false]) {
      const { on, page } = yield* openPage({ ...desktop, javaScriptEnabled })
      yield* on(() => page.goto(url))
      yield* on(() => page.getByRole("button", { name: "Sign in with a code" }).click())
      yield* arrived(page, "Enter the code")
      yield* screenshot(page, javaScriptEnabled ? "link" : "link-without-script")
      yield* simulated.expire((yield* simulated.waiting)[0]?.code ?? "")
      yield* arrived(page, "The code has expired")
      yield* screenshot(page, "expired")
      yield* on(() => page.getByRole("button", { name: "Get a new code" }).click())
      yield* arrived(page, "Enter the code")
      yield* simulated.claim((yield* simulated.waiting)[0]?.code ?? "", "carol")
      yield* arrived(page, "Hello, carol!")
    }
  }).pipe(Effect.provide(Around))
)

it.scopedLive("when something is in the way, a page says what, and what to do", () =>
  Effect.gen(function* () {
    const simulated = yield* PlexTvSimulator
    const url = yield* opened
    for (const [name, options] of [
      ["", desktop],
      ["-phone-dark", phoneInTheDark]
    ] as const) {
      const { on, page } = yield* openPage(options)
      yield* on(() => page.goto(url))
      yield* simulated.script(Fault.reset)
      yield* on(() => page.getByRole("button", { name: "Sign in with Plex" }).click())
      yield* arrived(page, "That did not work")
      yield* screenshot(page, `trouble${name}`)
      yield* on(() => page.getByRole("button", { name: "Try again" }).click())
      yield* on(() => page.getByRole("button", { name: "Cancel" }).waitFor())
      yield* on(() => page.goto(`${url}/callback?state=${"A".repeat(43)}`))
      yield* arrived(page, "This sign-in was refused")
      yield* screenshot(page, `refused${name}`)
      yield* on(() => page.goto(url))
      yield* arrived(page, "Waiting for Plex")
      yield* screenshot(page, `waiting${name}`)
    }

    const { on, page } = yield* openPage(phoneInTheDark)
    yield* on(() => page.goto(url))
    yield* on(() => page.getByRole("button", { name: "Sign in with a code" }).click())
    yield* arrived(page, "Enter the code")
    yield* simulated.script(...Array.from({ length: 3 }, () => Fault.status(429, { headers: { "retry-after": "60" } })))
    yield* on(() => page.getByText("Still trying").waitFor({ timeout: 30_000 }))
    yield* screenshot(page, "link-trouble-phone-dark")

    yield* Effect.repeat(
      Effect.suspend(() => visitor(url).post("/link")),
      { until: ({ status }) => status === 429, times: 30 }
    )
    yield* on(() => page.getByRole("button", { name: "Get a new code" }).click())
    yield* arrived(page, "Too many tries")
    yield* screenshot(page, "too-many-phone-dark")
  }).pipe(Effect.provide(Around))
)
