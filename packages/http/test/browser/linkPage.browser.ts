/** The simulator's page to claim PINs on, in a real browser. It needs Chromium, so `.ci/run` runs it and `pnpm test` does not. */
import { NodeHttpServer } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { PlexAuth, PlexClientInfo, SignIn } from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { Config, Effect, Layer, Option } from "effect"
import { createServer } from "node:http"
import { chromium } from "playwright-core"
import type { Page } from "playwright-core"

const product = "<script>document.title = 'hijacked'</script> & Sons"

const Plex = Layer.unwrapEffect(
  Effect.map(PlexTvSimulator, ({ baseUrl }) => PlexAuthHttp.layerFetch({ baseUrl }))
).pipe(
  Layer.provide(PlexClientInfo.layer({ clientIdentifier: "link-page-test", product })),
  Layer.provideMerge(PlexTvSimulator.layerServer),
  Layer.provide(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" })),
  Layer.orDie
)

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

const openPage = (colorScheme: "light" | "dark", width: number) =>
  Effect.gen(function* () {
    const executablePath = yield* Config.string("CHROMIUM").pipe(Config.withDefault("/usr/bin/chromium"))
    const browser = yield* Effect.acquireRelease(
      Effect.promise(() => chromium.launch({ executablePath, args: flags })),
      (opened) => Effect.promise(() => opened.close())
    )
    return yield* Effect.promise(() => browser.newPage({ colorScheme, viewport: { width, height: 800 } }))
  })

/** For a person to look at: `SCREENSHOTS=folder`. */
const screenshot = (page: Page, name: string) =>
  Effect.flatMap(Effect.orDie(Config.option(Config.string("SCREENSHOTS"))), (folder) =>
    Option.isNone(folder)
      ? Effect.void
      : Effect.promise(() => page.screenshot({ path: `${folder.value}/${name}.png`, fullPage: true }))
  )

/** The page that the press of a button led to says so. */
const saying = (page: Page, text: string) =>
  Effect.promise(() => page.getByRole("status").filter({ hasText: text }).waitFor({ timeout: 10_000 }))

it.scopedLive(
  "a person claims a link PIN with the keyboard alone",
  () =>
    Effect.gen(function* () {
      const simulator = yield* PlexTvSimulator
      const plex = yield* PlexAuth
      const pin = yield* SignIn.start()
      const page = yield* openPage("light", 1000)
      yield* Effect.promise(() => page.goto(new URL("/", simulator.baseUrl).href))
      assert.strictEqual(new URL(page.url()).pathname, "/link")
      assert.strictEqual(yield* Effect.promise(() => page.title()), "Simulated plex.tv: link a device")
      assert.include(yield* Effect.promise(() => page.locator("li").innerText()), product)
      yield* screenshot(page, "link-page")

      yield* Effect.promise(() => page.keyboard.press("Tab"))
      yield* Effect.promise(() => page.keyboard.type("nope"))
      yield* Effect.promise(() => page.keyboard.press("Enter"))
      yield* saying(page, "not known")
      yield* screenshot(page, "link-page-unknown-code")

      yield* Effect.promise(() => page.getByLabel("Code that your app shows").fill(pin.code.toLowerCase()))
      yield* Effect.promise(() => page.getByLabel("Claim it as").fill("bob"))
      yield* Effect.promise(() => page.keyboard.press("Enter"))
      yield* saying(page, "Linked as bob")
      yield* screenshot(page, "link-page-claimed")

      const token = yield* SignIn.wait(pin)
      assert.strictEqual((yield* plex.account(token)).displayName, "bob")
    }).pipe(Effect.provide(Plex)),
  60_000
)

it.scopedLive(
  "a strong PIN is claimed with one press, on a phone in dark mode, without running across the page",
  () =>
    Effect.gen(function* () {
      const simulator = yield* PlexTvSimulator
      const pin = yield* SignIn.start({ strong: true })
      const page = yield* openPage("dark", 360)
      yield* Effect.promise(() => page.goto(new URL("/link", simulator.baseUrl).href))
      yield* screenshot(page, "link-page-phone-dark")
      const overflow = yield* Effect.promise(() =>
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
      )
      assert.strictEqual(overflow, 0)
      yield* Effect.promise(() => page.locator("li button").click())
      yield* saying(page, "Linked as alice")
      yield* SignIn.wait(pin)
    }).pipe(Effect.provide(Plex)),
  60_000
)
