import { ClientIdentifier } from "@plex-auth/core/ClientIdentifier"
import type { PublicJwk } from "@plex-auth/core/PublicJwk"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

export interface Account {
  readonly id: number
  readonly uuid: string
  readonly username: string
}

export interface Pin {
  readonly id: number
  readonly code: string
  readonly strong: boolean
  readonly product: string
  readonly clientIdentifier: ClientIdentifier
  /** Milliseconds by the clock of the simulated plex.tv. */
  readonly createdAt: number
  readonly expiresAt: number
  readonly token: Option.Option<string>
  /** The key of the device that asked for it, if it has one. */
  readonly jwk: Option.Option<PublicJwk>
}

export interface Token {
  readonly token: string
  readonly username: string
  readonly clientIdentifier: ClientIdentifier
  /** A legacy token has no end. */
  readonly expiresAt: number
}

/** A device with a key. */
export interface Device {
  readonly clientIdentifier: ClientIdentifier
  readonly username: string
  readonly jwk: PublicJwk
}

/** A word for a device to sign once. */
export interface Nonce {
  readonly nonce: string
  readonly clientIdentifier: ClientIdentifier
  readonly createdAt: number
}

/** All that a simulated plex.tv knows. */
export interface State {
  readonly accounts: ReadonlyArray<Account>
  readonly pins: ReadonlyArray<Pin>
  readonly tokens: ReadonlyArray<Token>
  readonly devices: ReadonlyArray<Device>
  readonly nonces: ReadonlyArray<Nonce>
  /** By how many milliseconds its clock is ahead of the program's. */
  readonly clockOffset: number
  /** The devices of every account, as they are sent. */
  readonly resources: Option.Option<ReadonlyArray<unknown>>
}

export const empty: State = {
  accounts: [],
  pins: [],
  tokens: [],
  devices: [],
  nonces: [],
  clockOffset: 0,
  resources: Option.none()
}

const isClientIdentifier = Schema.is(ClientIdentifier)

export const asClientIdentifier = (value: string | undefined): Option.Option<ClientIdentifier> =>
  Option.filter(Option.fromNullable(value), isClientIdentifier)

/** A link PIN lives for 900 s, a strong one for 1,800 s. */
export const lifetime = (strong: boolean): number => (strong ? 1_800_000 : 900_000)

export const addPin =
  (pin: Pin) =>
  (state: State): State => ({ ...state, pins: [...state.pins, pin] })

/** With another client identifier a PIN is as unknown as one that has expired. */
export const findPin = (
  state: State,
  id: string,
  clientIdentifier: ClientIdentifier,
  now: number
): Option.Option<Pin> =>
  Option.fromNullable(
    state.pins.find((pin) => String(pin.id) === id && pin.clientIdentifier === clientIdentifier && now < pin.expiresAt)
  )

export const waitingPins = (state: State, now: number): ReadonlyArray<Pin> =>
  state.pins.filter((pin) => Option.isNone(pin.token) && now < pin.expiresAt)

export const accountOf = (state: State, username: string): Account =>
  state.accounts.find((account) => account.username === username) ?? {
    id: 1_000_001 + state.accounts.length,
    uuid: String(state.accounts.length + 1).padStart(16, "0"),
    username
  }

/** One token is kept for an account and a client identifier: the one before it ends. */
const withToken = (state: State, given: Token): State => {
  const account = accountOf(state, given.username)
  return {
    ...state,
    accounts: [...state.accounts.filter(({ username }) => username !== given.username), account],
    tokens: [
      ...state.tokens.filter(
        ({ clientIdentifier, username }) => username !== given.username || clientIdentifier !== given.clientIdentifier
      ),
      given
    ]
  }
}

/** Claims a PIN, and with it registers the key of the device that asked for it. */
export const claimPin =
  (pin: Pin, username: string, token: string, expiresAt = Number.POSITIVE_INFINITY) =>
  (state: State): State => {
    const { clientIdentifier } = pin
    const claimed = {
      ...state,
      pins: state.pins.map((other) => (other.id === pin.id ? { ...pin, token: Option.some(token) } : other))
    }
    const registered = Option.match(pin.jwk, {
      onNone: () => claimed,
      onSome: (jwk) => registerDevice({ clientIdentifier, username, jwk })(claimed)
    })
    return withToken(registered, { token, username, clientIdentifier, expiresAt })
  }

/** A device has one key, and a user. */
export const registerDevice =
  (device: Device) =>
  (state: State): State => ({
    ...state,
    devices: [...state.devices.filter(({ clientIdentifier }) => clientIdentifier !== device.clientIdentifier), device]
  })

/** Whether the key is that of another device. */
export const isTaken = (state: State, { kid }: PublicJwk, clientIdentifier: ClientIdentifier): boolean =>
  state.devices.some((device) => device.jwk.kid === kid && device.clientIdentifier !== clientIdentifier)

export const deviceOf = (state: State, clientIdentifier: ClientIdentifier): Option.Option<Device> =>
  Option.fromNullable(state.devices.find((device) => device.clientIdentifier === clientIdentifier))

const nonceLifetime = 300_000

/** As many nonces as a device gets in a minute. */
export const mostNonces = 20

export const nonceCount = (state: State, clientIdentifier: ClientIdentifier, now: number): number =>
  state.nonces.filter((each) => each.clientIdentifier === clientIdentifier && now - each.createdAt < 60_000).length

export const addNonce =
  (nonce: Nonce) =>
  (state: State): State => ({
    ...state,
    nonces: [...state.nonces.filter(({ createdAt }) => nonce.createdAt - createdAt < nonceLifetime), nonce]
  })

/** A nonce is good for one try, within five minutes. */
export const useNonce =
  (nonce: string | undefined, clientIdentifier: ClientIdentifier, now: number) =>
  (state: State): readonly [boolean, State] => {
    const isIt = (each: Nonce) => each.nonce === nonce && each.clientIdentifier === clientIdentifier
    const isGood = state.nonces.some((each) => isIt(each) && now - each.createdAt < nonceLifetime)
    return [isGood, { ...state, nonces: state.nonces.filter((each) => !isIt(each)) }]
  }

/** A token for a device's key. A legacy token ends with it; one for the key lives on to its own end. */
export const giveDeviceToken =
  (given: Token) =>
  (state: State): State => ({
    ...state,
    tokens: [
      ...state.tokens.filter(
        ({ clientIdentifier, expiresAt, username }) =>
          username !== given.username || clientIdentifier !== given.clientIdentifier || Number.isFinite(expiresAt)
      ),
      given
    ]
  })

export const expirePin =
  (pin: Pin, now: number) =>
  (state: State): State => ({
    ...state,
    pins: state.pins.map((other) => (other.id === pin.id ? { ...other, expiresAt: now } : other))
  })

export const revokeToken =
  (token: string) =>
  (state: State): State => ({ ...state, tokens: state.tokens.filter((held) => held.token !== token) })

export const accountOfToken = (state: State, token: string): Option.Option<Account> =>
  Option.fromNullable(state.tokens.find((held) => held.token === token)).pipe(
    Option.map((held) => accountOf(state, held.username))
  )

export const holderOf = (state: State, token: string): Option.Option<Token> =>
  Option.fromNullable(state.tokens.find((held) => held.token === token))

/** The PIN of the child in each Plex Home. */
export const homePin = "1234"

/** Everybody has a Plex Home with a child in it. */
export const childOf = (account: Account): Account => ({
  id: account.id + 500_000,
  uuid: `c${account.uuid.slice(1)}`,
  username: `${account.username}-kid`
})

/** A token for a user of a Plex Home, who is known as an account from then on. */
export const switchTo =
  (account: Account, clientIdentifier: ClientIdentifier, token: string) =>
  (state: State): State => ({
    ...state,
    accounts: [...state.accounts.filter(({ id }) => id !== account.id), account],
    tokens: [
      ...state.tokens,
      { token, username: account.username, clientIdentifier, expiresAt: Number.POSITIVE_INFINITY }
    ]
  })
