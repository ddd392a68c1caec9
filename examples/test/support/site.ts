import * as HttpServer from "@effect/platform/HttpServer"
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import { PlexClientInfo } from "@plex-auth/core"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { Context, Effect, Layer } from "effect"
import { listening } from "../../listening.js"
import { server } from "../../web/server.js"
import { Sessions } from "../../web/sessions.js"
import { simulated } from "../../web/site.js"

const free = () => listening({ host: "127.0.0.1", port: 0 })

export const product = "<i>Tom</i> & Sons"

/** A simulated plex.tv, on a port of its own. */
export const simulator = PlexTvSimulator.layerServer.pipe(Layer.provide(free()))

/** An instance of the site, on a port of its own. It keeps what it keeps in the store that it is given. */
export const instance = (
  publicUrl?: string
): Layer.Layer<HttpServer.HttpServer, unknown, PlexTvSimulator | KeyValueStore.KeyValueStore> =>
  server.pipe(
    Layer.provide(Layer.merge(simulated(publicUrl), Sessions.layer)),
    Layer.provide(PlexClientInfo.layer({ clientIdentifier: "web-test", product })),
    Layer.provideMerge(free())
  )

/** Where an instance listens. */
export const addressOf = (context: Context.Context<HttpServer.HttpServer>): string => {
  const { address } = Context.get(context, HttpServer.HttpServer)
  return address._tag === "TcpAddress" ? `http://127.0.0.1:${address.port}` : "no address"
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: string
  /** Where it leads to. */
  readonly location: string
  /** The heading of the page. */
  readonly title: string
}

/** A browser without a screen: it keeps cookies, follows nothing by itself, and remembers all that it was told. */
export interface Visitor {
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Effect.Effect<Answer>
  /** As the form of a page does it. */
  readonly post: (path: string, headers?: Readonly<Record<string, string>>) => Effect.Effect<Answer>
  readonly cookie: () => string
  readonly useCookie: (cookie: string) => void
  /** Each answer so far, headers and body. */
  readonly seen: () => string
}

/** A visitor of a site that is found at an address, and takes itself to be at another one where there is a proxy. */
export const visitor = (address: string, origin = address): Visitor => {
  let cookie = ""
  let seen = ""
  const ask = (method: string, path: string, headers: Readonly<Record<string, string>>) =>
    Effect.promise(async (signal): Promise<Answer> => {
      const answer = await fetch(path.startsWith("/") ? address + path : path, {
        method,
        redirect: "manual",
        signal,
        headers: { ...(cookie === "" ? {} : { cookie }), ...headers }
      })
      const body = await answer.text()
      for (const set of answer.headers.getSetCookie()) cookie = /; Max-Age=0/.test(set) ? "" : (set.split(";")[0] ?? "")
      seen += `${Array.from(answer.headers, ([name, value]) => `${name}: ${value}`).join("\n")}\n\n${body}\n`
      const [, title = ""] = /<h1>(.*?)<\/h1>/s.exec(body) ?? []
      const location = answer.headers.get("location") ?? ""
      return { status: answer.status, headers: answer.headers, body, location, title: title.trim() }
    })
  return {
    get: (path, headers = {}) => ask("GET", path, headers),
    post: (path, headers = { origin }) => ask("POST", path, headers),
    cookie: () => cookie,
    useCookie: (other) => {
      cookie = other
    },
    seen: () => seen
  }
}

/** What the auth app is told, which stands in the fragment of its address. */
export const askedOf = (authUrl: string): Readonly<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(new URL(authUrl).hash.slice(2)))

/** Signs in on the simulator's page, as its script has the form filled in, and gives the address that the user is sent back to. */
export const signInAtPlex = (authUrl: string, username = "alice", answer = "claim"): Effect.Effect<string> =>
  Effect.promise(async () => {
    const { clientID, code, forwardUrl } = askedOf(authUrl)
    const response = await fetch(authUrl, {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams({
        clientID: clientID ?? "",
        code: code ?? "",
        forwardUrl: forwardUrl ?? "",
        username,
        answer
      })
    })
    return response.headers.get("location") ?? `no forwarding, but ${response.status}`
  })
