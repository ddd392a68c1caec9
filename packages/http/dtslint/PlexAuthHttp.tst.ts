import type { HttpClient } from "@effect/platform"
import type { InvalidRequest, PlexAuth, PlexClientInfo } from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { Config } from "effect"
import type { ConfigError, Layer } from "effect"
import { describe, expect, it } from "tstyche"

describe("PlexAuthHttp", () => {
  it("layer", () => {
    expect(PlexAuthHttp.layer).type.toBe<
      (options?: PlexAuthHttp.Options) => Layer.Layer<PlexAuth, InvalidRequest, HttpClient.HttpClient | PlexClientInfo>
    >()
    expect(PlexAuthHttp.layer()).type.toBe<
      Layer.Layer<PlexAuth, InvalidRequest, HttpClient.HttpClient | PlexClientInfo>
    >()
    expect(PlexAuthHttp.layer).type.toBeCallableWith({ baseUrl: "http://127.0.0.1:3000" })
    expect(PlexAuthHttp.layer).type.toBeCallableWith({ baseUrl: new URL("http://127.0.0.1:3000") })
    expect(PlexAuthHttp.layer).type.toBeCallableWith({ baseUrl: undefined })
    expect(PlexAuthHttp.layer).type.not.toBeCallableWith({ baseUrl: 3000 })
    expect(PlexAuthHttp.layer).type.not.toBeCallableWith({ baseURL: "http://127.0.0.1:3000" })
  })

  it("layerConfig", () => {
    expect(PlexAuthHttp.layerConfig).type.toBe<
      (
        options: Config.Config.Wrap<PlexAuthHttp.Options>
      ) => Layer.Layer<PlexAuth, InvalidRequest | ConfigError.ConfigError, HttpClient.HttpClient | PlexClientInfo>
    >()
    expect(PlexAuthHttp.layerConfig).type.toBeCallableWith({ baseUrl: Config.string("PLEX_BASE_URL") })
    expect(PlexAuthHttp.layerConfig).type.toBeCallableWith(Config.all({ baseUrl: Config.string("PLEX_BASE_URL") }))
    expect(PlexAuthHttp.layerConfig).type.not.toBeCallableWith({ baseUrl: Config.number("PLEX_BASE_URL") })
    expect(PlexAuthHttp.layerConfig).type.not.toBeCallableWith({ baseUrl: "http://127.0.0.1:3000" })
  })

  it("layerFetch", () => {
    expect(PlexAuthHttp.layerFetch).type.toBe<
      (options?: PlexAuthHttp.Options) => Layer.Layer<PlexAuth, InvalidRequest, PlexClientInfo>
    >()
    expect(PlexAuthHttp.layerFetch()).type.toBe<Layer.Layer<PlexAuth, InvalidRequest, PlexClientInfo>>()
  })
})
