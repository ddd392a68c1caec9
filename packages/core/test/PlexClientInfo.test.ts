import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { InvalidRequest, PlexClientInfo } from "@plex-auth/core"
import { Config, ConfigError, ConfigProvider, Effect, FastCheck, Layer } from "effect"
import { assertNotPrinted, printed } from "./support.js"

const all: PlexClientInfo.Options = {
  clientIdentifier: "9f0f1c0e-6f7e-4a3e-8f2e-0c1f5b7f3f1d",
  product: "My Cool App",
  version: "2.4.1",
  platform: "Linux",
  platformVersion: "6.1",
  device: "PC",
  deviceName: "Living Room TV",
  model: "X1",
  deviceVendor: "ACME"
}

const names = ["product", "version", "platform", "platformVersion", "device", "deviceName", "model", "deviceVendor"]

const nameRule = "must be a string of 1 to 255 characters that is not blank"

const made = (options: PlexClientInfo.Options) => Effect.runSync(PlexClientInfo.make(options))

const refused = (options: PlexClientInfo.Options) => Effect.runSync(Effect.flip(PlexClientInfo.make(options)))

describe("PlexClientInfo.make", () => {
  it("keeps what it is given", () => {
    deepStrictEqual({ ...made(all) }, all)
    deepStrictEqual({ ...made({ product: "My Cool App" }) }, { product: "My Cool App" })
  })

  it.each(["Café", "Bob’s Mac", "🎬", "東京", "x".repeat(255), " a "].map((name) => ({ name })))(
    "case 37: any text is a name: $name",
    ({ name }) => {
      const client = made({ ...all, product: name, deviceName: name })
      strictEqual(client.product, name)
      strictEqual(client.deviceName, name)
    }
  )

  it.each(names.flatMap((field) => ["", " ", "\t\r\n", "\0", "x".repeat(256)].map((bad) => ({ field, bad }))))(
    "case 36: refuses $field $bad",
    ({ bad, field }) => {
      const error = refused({ ...all, ...Object.fromEntries([[field, bad]]) })
      strictEqual(error.request, "PlexClientInfo")
      deepStrictEqual(error.issues, [{ field, rule: nameRule }])
    }
  )

  it.each(
    ["", "a b", "a\r\nX-Evil: 1", "\0", "\u007f", "a\u2028", "Café", "x".repeat(256), "x".repeat(10_240)].map((id) => ({
      id
    }))
  )("case 36: threat 11: refuses the client identifier $id", ({ id }) => {
    const error = refused({ ...all, clientIdentifier: id })
    deepStrictEqual(error.issues, [
      { field: "clientIdentifier", rule: "must be 1 to 255 visible ASCII characters, without spaces" }
    ])
  })

  it.prop(
    "threat 3: a bad client identifier is nowhere in the error",
    [FastCheck.string({ unit: "binary" })],
    ([text]) => {
      assertNotPrinted(refused({ ...all, clientIdentifier: `CANARY ${text}` }), "CANARY")
    },
    { fastCheck: { numRuns: 40 } }
  )

  it("says that the product is missing", () => {
    const none: PlexClientInfo.Options = JSON.parse("{}")
    deepStrictEqual(refused(none).issues, [{ field: "product", rule: "is missing" }])
  })
})

describe("the layers", () => {
  it.effect("layer provides the checked options", () =>
    Effect.gen(function* () {
      deepStrictEqual({ ...(yield* PlexClientInfo) }, all)
    }).pipe(Effect.provide(PlexClientInfo.layer(all)))
  )

  it.effect("layer fails with InvalidRequest", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Layer.build(PlexClientInfo.layer({ product: "" })))
      assertTrue(error instanceof InvalidRequest)
    }).pipe(Effect.scoped)
  )

  const layerConfig = PlexClientInfo.layerConfig({
    clientIdentifier: Config.string("PLEX_CLIENT_IDENTIFIER"),
    product: Config.string("PLEX_PRODUCT").pipe(Config.withDefault("My Cool App")),
    version: Config.succeed("2.4.1")
  })

  const withConfig = (entries: Readonly<Record<string, string>>) =>
    Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(entries))))

  it.effect("layerConfig reads the configuration", () =>
    Effect.gen(function* () {
      const { clientIdentifier, product, version } = yield* PlexClientInfo
      deepStrictEqual(
        { clientIdentifier, product, version },
        { clientIdentifier: "abc", product: "My Cool App", version: "2.4.1" }
      )
    }).pipe(Effect.provide(layerConfig.pipe(Layer.provide(withConfig({ PLEX_CLIENT_IDENTIFIER: "abc" })))))
  )

  it.effect("layerConfig fails with a ConfigError that names what is missing", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Layer.build(layerConfig.pipe(Layer.provide(withConfig({})))))
      assertTrue(ConfigError.isConfigError(error))
      assertTrue(printed(error).includes("PLEX_CLIENT_IDENTIFIER"))
    }).pipe(Effect.scoped)
  )

  it.effect.each(["", "CANARY IDENTIFIER", "CANARY\r\nX-Evil: 1"].map((id) => ({ id })))(
    "case 36: layerConfig fails with InvalidRequest for a bad value, and does not quote it: $id",
    ({ id }) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          Layer.build(layerConfig.pipe(Layer.provide(withConfig({ PLEX_CLIENT_IDENTIFIER: id }))))
        )
        assertTrue(error instanceof InvalidRequest)
        deepStrictEqual(
          error.issues.map(({ field }) => field),
          ["clientIdentifier"]
        )
        assertNotPrinted(error, "CANARY")
      }).pipe(Effect.scoped)
  )
})
