/** The layers: which base URLs they take, and what they fail with. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { PlexAuth, PlexClientInfo } from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { Config, ConfigProvider, Effect, Exit, Layer } from "effect"

const Info = PlexClientInfo.layer({ clientIdentifier: "layers", product: "Layers" })

/** Says where it was asked to go, and goes nowhere. */
const asked = (baseUrl: string | URL | undefined) => {
  const urls: Array<string> = []
  const fetch: typeof globalThis.fetch = (input) => {
    urls.push(String(input instanceof Request ? input.url : input))
    return Promise.resolve(Response.json({ id: 1, code: "AB12", authToken: null }))
  }
  return Effect.flatMap(PlexAuth, (plex) => plex.getToken({ pinID: "1" })).pipe(
    Effect.provide(PlexAuthHttp.layerFetch({ baseUrl }).pipe(Layer.provide(Info))),
    Effect.provideService(FetchHttpClient.Fetch, fetch),
    Effect.map(() => urls)
  )
}

const loopback = "must begin with https://, or with http:// and a loopback address such as 127.0.0.1"

const credentials = "must not have a user name or a password in it"

const query = "must not have a query or a fragment"

const refused: ReadonlyArray<readonly [baseUrl: string, rule: string]> = [
  ["", "must be a URL"],
  ["plex.tv", "must be a URL"],
  ["/api/v2", "must be a URL"],
  ["//plex.tv/api/v2", "must be a URL"],
  ["https://", "must be a URL"],
  ["http://127.0.0.256", "must be a URL"],
  ["http://[::1", "must be a URL"],
  ["http://plex.tv/api/v2", loopback],
  ["http://127.0.0.1.example.com", loopback],
  ["http://localhost.example.com", loopback],
  ["http://example.com#127.0.0.1", loopback],
  ["http://0.0.0.0", loopback],
  ["http://10.0.0.1", loopback],
  ["http://[::2]", loopback],
  ["http://[::ffff:10.0.0.1]", loopback],
  ["ftp://127.0.0.1", loopback],
  ["ws://127.0.0.1", loopback],
  ["file:///etc/passwd", loopback],
  ["javascript:alert(1)", loopback],
  ["data:text/plain,x", loopback],
  ["https://user@plex.tv", credentials],
  ["https://user:secret@plex.tv", credentials],
  ["https://:secret@plex.tv", credentials],
  ["http://user:secret@127.0.0.1", credentials],
  ["https://plex.tv?a=1", query],
  ["https://plex.tv/api/v2?X-Plex-Token=secret", query],
  ["https://plex.tv/api/v2#a", query],
  ["https://plex.tv/api/v2?", query],
  ["https://plex.tv/api/v2#", query]
]

const taken: ReadonlyArray<readonly [baseUrl: string | URL | undefined, url: string]> = [
  [undefined, "https://plex.tv/api/v2/pins/1"],
  ["https://plex.tv/api/v2", "https://plex.tv/api/v2/pins/1"],
  ["https://plex.tv/api/v2/", "https://plex.tv/api/v2/pins/1"],
  ["https://plex.tv/api/v2///", "https://plex.tv/api/v2/pins/1"],
  [" https://plex.tv/api/v2/ ", "https://plex.tv/api/v2/pins/1"],
  ["https:\\\\plex.tv\\api\\v2\\", "https://plex.tv/api/v2/pins/1"],
  ["https://clients.plex.tv/api/v2", "https://clients.plex.tv/api/v2/pins/1"],
  ["https://plex.tv", "https://plex.tv/pins/1"],
  ["https://plex.tv/", "https://plex.tv/pins/1"],
  ["HTTPS://PLEX.TV/api/v2", "https://plex.tv/api/v2/pins/1"],
  ["https://plex.tv:8443/api/v2", "https://plex.tv:8443/api/v2/pins/1"],
  ["http://127.0.0.1:3000/api/v2", "http://127.0.0.1:3000/api/v2/pins/1"],
  ["http://127.1.2.3", "http://127.1.2.3/pins/1"],
  ["http://localhost:3000", "http://localhost:3000/pins/1"],
  ["http://[::1]:3000/api/v2", "http://[::1]:3000/api/v2/pins/1"],
  ["https://a.example/with%20blank", "https://a.example/with%20blank/pins/1"],
  [new URL("https://plex.tv/api/v2/"), "https://plex.tv/api/v2/pins/1"]
]

describe("PlexAuthHttp", () => {
  for (const [baseUrl, url] of taken) {
    it.effect(`threat 6: takes the base URL ${JSON.stringify(baseUrl)}`, () =>
      Effect.map(asked(baseUrl), (urls) => {
        assert.deepStrictEqual(urls, [url])
      })
    )
  }

  for (const [baseUrl, rule] of refused) {
    it.effect(`threat 6: refuses the base URL ${JSON.stringify(baseUrl)}`, () =>
      Effect.map(Effect.flip(asked(baseUrl)), (error) => {
        assert.strictEqual(error._tag, "InvalidRequest")
        if (error._tag === "InvalidRequest") {
          assert.deepStrictEqual([error.request, error.issues], ["PlexAuthHttp", [{ field: "baseUrl", rule }]])
        }
        assert.notInclude(`${String(error)} ${JSON.stringify(error)}`, "secret")
      })
    )
  }

  const built = (entries: Readonly<Record<string, string>>, baseUrl: Config.Config<string>) =>
    Layer.build(PlexAuthHttp.layerConfig({ baseUrl })).pipe(
      Effect.provide([Info, FetchHttpClient.layer]),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(entries)))),
      Effect.scoped,
      Effect.exit
    )

  it.effect("takes the base URL from configuration", () =>
    Effect.gen(function* () {
      const fromConfig = Config.string("PLEX_BASE_URL")
      assert.isTrue(Exit.isSuccess(yield* built({ PLEX_BASE_URL: "http://127.0.0.1:3000" }, fromConfig)))
      assert.isTrue(Exit.isSuccess(yield* built({}, Config.withDefault(fromConfig, "https://plex.tv/api/v2"))))
    })
  )

  it.effect("fails with what is wrong with the configuration", () =>
    Effect.gen(function* () {
      const fromConfig = Config.string("PLEX_BASE_URL")
      const missing = yield* Effect.flip(Effect.flatten(built({}, fromConfig)))
      assert.strictEqual(missing._tag, "ConfigError")
      const insecure = yield* Effect.flip(Effect.flatten(built({ PLEX_BASE_URL: "http://plex.tv" }, fromConfig)))
      assert.strictEqual(insecure._tag, "InvalidRequest")
    })
  )

  it.effect("threat 6: layerFetch takes a RequestInit that is provided to it, and still follows no redirect", () =>
    Effect.gen(function* () {
      const inits: Array<RequestInit | undefined> = []
      const fetch: typeof globalThis.fetch = (_, init) => {
        inits.push(init)
        return Promise.resolve(Response.json({ id: 1, authToken: null }))
      }
      yield* Effect.flatMap(PlexAuth, (plex) => plex.getToken({ pinID: "1" })).pipe(
        Effect.provide(PlexAuthHttp.layerFetch().pipe(Layer.provide(Info))),
        Effect.provideService(FetchHttpClient.RequestInit, { cache: "no-store", redirect: "follow" }),
        Effect.provideService(FetchHttpClient.Fetch, fetch)
      )
      assert.deepStrictEqual(
        inits.map((init) => [init?.cache, init?.redirect]),
        [["no-store", "manual"]]
      )
    })
  )
})
