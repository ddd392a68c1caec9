/** What the tests put into a store. */
import { AccessToken, Account, ClientIdentifier, Credentials, Pin } from "@plex-auth/core"
import { Schema } from "effect"

/** Every token of these tests begins like this, so that it can be looked for in print. */
export const canary = "CANARY-"

export const token = (name: string): AccessToken => Schema.decodeSync(AccessToken)(canary + name)

export const clientIdentifier = ClientIdentifier.make("an-installation")

export const credentialsOf = (id: number, name: string): Credentials =>
  new Credentials({
    token: token(`of-${name}`),
    account: Schema.decodeUnknownSync(Account)({ id, title: name, email: `${name}@example.com` }),
    clientIdentifier
  })

export const alice = credentialsOf(7, "alice")

export const bob = credentialsOf(8, "bob")

const storedPin = {
  id: "1272322473",
  clientIdentifier: "an-installation",
  expiresIn: 900_000,
  receivedAt: 0
}

export const linkPin = Schema.decodeUnknownSync(Pin)({ ...storedPin, _tag: "LinkPin", code: "AB12" })

export const strongPin = Schema.decodeUnknownSync(Pin)({ ...storedPin, _tag: "StrongPin", code: `${canary}code` })
