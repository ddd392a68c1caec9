import * as HttpServer from "@effect/platform/HttpServer"
import { AuthApp } from "@plex-auth/core"
import type { InvalidRequest, LinkPin, PlexAuth, PlexClientInfo, SecureUrl } from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { Context, Effect, identity, Layer } from "effect"
import { Failed } from "../command.js"

/** Where the site is, and where Plex is. All of it comes from configuration, and nothing of it from a request. */
export class Site extends Context.Tag("examples/web/Site")<Site, Site.Service>() {}

export declare namespace Site {
  export interface Service {
    /** The address that people open, such as `https://example.com`. */
    readonly publicUrl: SecureUrl
    /** The page of the auth app, from the address that `AuthApp.url` gives. */
    readonly authUrl: (url: string) => string
    readonly linkUrl: (pin: LinkPin) => string
  }
}

/** What was configured, or else where the server listens. */
const checked = (publicUrl: string | undefined) =>
  HttpServer.HttpServer.pipe(
    Effect.flatMap(({ address }) =>
      AuthApp.forwardUrl(publicUrl ?? (address._tag === "TcpAddress" ? `http://127.0.0.1:${address.port}` : ""))
    ),
    Effect.mapError(
      () =>
        new Failed({ message: "PUBLIC_URL must be an https address, or an http address of this machine.", exitCode: 1 })
    )
  )

/** plex.tv itself. */
export const live = (
  publicUrl?: string
): Layer.Layer<PlexAuth | Site, InvalidRequest | Failed, HttpServer.HttpServer | PlexClientInfo> =>
  Layer.effect(
    Site,
    Effect.map(checked(publicUrl), (url) => ({ publicUrl: url, authUrl: identity, linkUrl: AuthApp.linkUrl }))
  ).pipe(Layer.merge(PlexAuthHttp.layerFetch({ baseUrl: process.env["PLEX_BASE_URL"] })))

/** A simulated plex.tv, with pages of its own to sign in on. */
export const simulated = (
  publicUrl?: string
): Layer.Layer<PlexAuth | Site, InvalidRequest | Failed, HttpServer.HttpServer | PlexClientInfo | PlexTvSimulator> =>
  Layer.unwrapEffect(
    Effect.map(PlexTvSimulator, ({ baseUrl }) => {
      const { origin } = new URL(baseUrl)
      const site = Effect.map(checked(publicUrl), (url) => ({
        publicUrl: url,
        authUrl: (authUrl: string) => `${origin}/auth${new URL(authUrl).hash}`,
        linkUrl: ({ code }: LinkPin) => `${origin}/link?pin=${code}`
      }))
      return Layer.merge(Layer.effect(Site, site), PlexAuthHttp.layerFetch({ baseUrl }))
    })
  )
