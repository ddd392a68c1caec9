import * as Option from "effect/Option"
import type { Account, Pin } from "./state.js"

/** A JSON object as plex.tv sends it, and the name of the element that it is in XML. */
export interface Body {
  readonly element: string
  readonly json: Readonly<Record<string, unknown>>
}

const iso = (millis: number) => new Date(millis).toISOString().replace(/\.[0-9]{3}Z$/, "Z")

export const pinBody = (pin: Pin, now: number): Body => ({
  element: "pin",
  json: {
    id: pin.id,
    code: pin.code,
    product: pin.product,
    trusted: false,
    qr: `https://plex.tv/api/v2/pins/qr/${pin.code}`,
    clientIdentifier: pin.clientIdentifier,
    location: {
      code: "US",
      european_union_member: false,
      continent_code: "NA",
      country: "United States",
      city: "Austin",
      time_zone: "America/Chicago",
      // A number, as the seed's SDK reads it; the real one has been seen to send both.
      postal_code: 78732,
      in_privacy_restricted_country: false,
      in_privacy_restricted_region: false,
      subdivisions: "Texas",
      coordinates: "30.3768, -97.8935"
    },
    expiresIn: Math.max(0, Math.ceil((pin.expiresAt - now) / 1000)),
    createdAt: iso(pin.createdAt),
    expiresAt: iso(pin.expiresAt),
    authToken: Option.getOrNull(pin.token),
    newRegistration: Option.isSome(pin.token) ? false : null
  }
})

export const accountBody = (account: Account, token: string): Body => ({
  element: "user",
  json: {
    id: account.id,
    uuid: account.uuid,
    username: account.username,
    title: account.username,
    email: `${account.username}@example.com`,
    friendlyName: "",
    thumb: `https://plex.tv/users/${account.uuid}/avatar`,
    home: false,
    restricted: false,
    subscription: { active: false, status: "Inactive", plan: null },
    authToken: token
  }
})

export const homeUsersBody = (admin: Account, child: Account): Body => ({
  element: "home",
  json: {
    users: [
      { ...homeUser(admin), hasPassword: true, admin: true },
      { ...homeUser(child), protected: true, restricted: true }
    ]
  }
})

const homeUser = ({ id, username, uuid }: Account) => ({
  id,
  uuid,
  title: username,
  username: null,
  thumb: `https://plex.tv/users/${uuid}/avatar`,
  hasPassword: false,
  protected: false,
  restricted: false,
  admin: false,
  guest: false
})

/** A server at the address of the simulated plex.tv itself. */
export const serverBody = (origin: URL) => ({
  name: "Simulated Server",
  product: "Plex Media Server",
  productVersion: "1.41.0",
  platform: "Linux",
  clientIdentifier: serverIdentifier,
  provides: "server",
  owned: true,
  accessToken: "simulated-server-token",
  publicAddressMatches: true,
  presence: true,
  httpsRequired: false,
  relay: false,
  connections: [
    {
      protocol: origin.protocol.slice(0, -1),
      address: origin.hostname,
      port: Number(origin.port) || 443,
      uri: origin.origin,
      local: true,
      relay: false,
      IPv6: false
    }
  ]
})

export const serverIdentifier = "simulated-server"

export const errorBody = (code: number, message: string, status: number): Body => ({
  element: "errors",
  json: { errors: [{ code, message, status }] }
})

export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${String(character.codePointAt(0))};`)

const attribute = (value: unknown): string =>
  escaped(typeof value === "string" ? value : value === null ? "" : JSON.stringify(value))

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const element = (name: string, json: Readonly<Record<string, unknown>>): string => {
  const fields = Object.entries(json)
  const attributes = fields.flatMap(([key, value]) =>
    isObject(value) || Array.isArray(value) ? [] : [` ${key}="${attribute(value)}"`]
  )
  const children = fields.flatMap(([key, value]) =>
    isObject(value)
      ? [element(key, value)]
      : Array.isArray(value)
        ? value.filter(isObject).map((item) => element(key.replace(/s$/, ""), item))
        : []
  )
  return `<${name}${attributes.join("")}>${children.join("")}</${name}>`
}

export const toXml = (body: Body): string => `<?xml version="1.0" encoding="UTF-8"?>${element(body.element, body.json)}`
