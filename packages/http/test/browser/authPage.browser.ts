/** The simulator's stand-in for app.plex.tv/auth, in a real browser. It needs Chromium, so `.ci/run` runs it and `pnpm test` does not. */
import { NodeHttpServer } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { AuthApp, PlexAuth, PlexClientInfo, SignIn } from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { Config, Effect, Layer, Option } from "effect"
import { createServer } from "node:http"
import { chromium } from "playwright-core"
import type { BrowserContextOptions, Page } from "playwright-core"

const product = "<img src=x onerror=\"document.title='hijacked'\"> Bob’s 🎬 a&b=c#d"

const ClientInfo = PlexClientInfo.layer({ clientIdentifier: "auth-page-test", product })

const Plex = Layer.unwrapEffect(
  Effect.map(PlexTvSimulator, ({ baseUrl }) => PlexAuthHttp.layerFetch({ baseUrl }))
).pipe(
  Layer.provideMerge(ClientInfo),
  Layer.provideMerge(PlexTvSimulator.layerServer),
  Layer.provide(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" })),
  Layer.orDie
)

const openPage = (options: BrowserContextOptions) =>
  Effect.gen(function* () {
    const executablePath = yield* Config.string("CHROMIUM").pipe(Config.withDefault("/usr/bin/chromium"))
    const browser = yield* Effect.acquireRelease(
      Effect.promise(() => chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] })),
      (opened) => Effect.promise(() => opened.close())
    )
    return yield* Effect.promise(() => browser.newPage(options))
  })

/** For a person to look at: `SCREENSHOTS=folder`. */
const screenshot = (page: Page, name: string) =>
  Effect.flatMap(Effect.orDie(Config.option(Config.string("SCREENSHOTS"))), (folder) =>
    Option.isNone(folder)
      ? Effect.void
      : Effect.promise(() => page.screenshot({ path: `${folder.value}/${name}.png`, fullPage: true }))
  )

const saying = (page: Page, text: string) =>
  Effect.promise(() => page.getByRole("status").filter({ hasText: text }).waitFor({ timeout: 10_000 }))

/** The page for a sign-in, as a program that points at the simulator gets it from the address of the auth app. */
const pageOf = (url: string) =>
  Effect.map(PlexTvSimulator, ({ baseUrl }) => new URL(`/auth${new URL(url).hash}`, baseUrl).href)

it.scopedLive(
  "a person claims a strong PIN on a phone in dark mode, with the keyboard alone, and sees who asks",
  () =>
    Effect.gen(function* () {
      const plex = yield* PlexAuth
      const pin = yield* SignIn.start({ strong: true })
      const address = yield* pageOf(AuthApp.url(pin, yield* PlexClientInfo))
      const page = yield* openPage({ colorScheme: "dark", viewport: { width: 360, height: 740 } })
      yield* Effect.promise(() => page.goto(address))
      yield* Effect.promise(() => page.getByText("asks to be signed in").waitFor())
      assert.strictEqual(yield* Effect.promise(() => page.locator("#product").innerText()), product)
      assert.strictEqual(yield* Effect.promise(() => page.title()), "Simulated plex.tv: sign in")
      yield* screenshot(page, "auth-page-phone-dark")
      const overflow = yield* Effect.promise(() =>
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
      )
      assert.strictEqual(overflow, 0)

      yield* Effect.promise(() => page.keyboard.press("Tab"))
      yield* Effect.promise(() => page.keyboard.press("ControlOrMeta+A"))
      yield* Effect.promise(() => page.keyboard.type("bob"))
      yield* Effect.promise(() => page.keyboard.press("Enter"))
      yield* saying(page, "Signed in as bob. You can go back to your app.")
      yield* screenshot(page, "auth-page-claimed")
      const token = yield* SignIn.wait(pin)
      assert.strictEqual((yield* plex.account(token)).displayName, "bob")

      // The same address once more: the PIN was claimed already.
      yield* Effect.promise(() => page.goto(address))
      yield* Effect.promise(() => page.getByRole("button", { name: "Sign in" }).click())
      yield* saying(page, "This sign-in is not known here, has expired, or is done already.")
      yield* screenshot(page, "auth-page-unknown")
    }).pipe(Effect.provide(Plex)),
  60_000
)

it.scopedLive(
  "an address with no code in it, and one that forwards to where it must not",
  () =>
    Effect.gen(function* () {
      const simulator = yield* PlexTvSimulator
      const pin = yield* SignIn.start({ strong: true })
      const page = yield* openPage({ viewport: { width: 1000, height: 800 } })
      yield* Effect.promise(() => page.goto(new URL("/auth", simulator.baseUrl).href))
      yield* saying(page, "No app has sent you here")
      assert.isFalse(yield* Effect.promise(() => page.getByRole("button", { name: "Sign in" }).isVisible()))

      const address = yield* pageOf(AuthApp.url(pin, yield* PlexClientInfo))
      yield* Effect.promise(() => page.goto(`${address}&forwardUrl=${encodeURIComponent("javascript:alert(1)")}`))
      yield* Effect.promise(() => page.getByRole("button", { name: "Sign in" }).click())
      yield* saying(page, "an address that is not allowed")
      assert.lengthOf(yield* simulator.waiting, 1, "nothing was claimed")

      yield* Effect.promise(() => page.goto(address))
      yield* Effect.promise(() => page.getByRole("button", { name: "Cancel" }).click())
      yield* saying(page, "You did not sign in.")
      assert.lengthOf(yield* simulator.waiting, 1)
    }).pipe(Effect.provide(Plex)),
  60_000
)
