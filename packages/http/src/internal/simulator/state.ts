import { ClientIdentifier } from "@plex-auth/core"
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
}

export interface Token {
  readonly token: string
  readonly username: string
  readonly clientIdentifier: ClientIdentifier
}

/** All that a simulated plex.tv knows. */
export interface State {
  readonly accounts: ReadonlyArray<Account>
  readonly pins: ReadonlyArray<Pin>
  readonly tokens: ReadonlyArray<Token>
  /** The devices of every account, as they are sent. */
  readonly resources: Option.Option<ReadonlyArray<unknown>>
}

export const empty: State = { accounts: [], pins: [], tokens: [], resources: Option.none() }

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

const accountOf = (state: State, username: string): Account =>
  state.accounts.find((account) => account.username === username) ?? {
    id: 1_000_001 + state.accounts.length,
    uuid: String(state.accounts.length + 1).padStart(16, "0"),
    username
  }

/** Claims a PIN. One token is kept for an account and a client identifier: the one before it ends. */
export const claimPin =
  (pin: Pin, username: string, token: string) =>
  (state: State): State => {
    const { clientIdentifier } = pin
    const isOther = (held: Token) => held.username !== username || held.clientIdentifier !== clientIdentifier
    const account = accountOf(state, username)
    return {
      ...state,
      accounts: [...state.accounts.filter((other) => other.username !== username), account],
      pins: state.pins.map((other) => (other.id === pin.id ? { ...pin, token: Option.some(token) } : other)),
      tokens: [...state.tokens.filter(isOther), { token, username, clientIdentifier }]
    }
  }

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
    tokens: [...state.tokens, { token, username: account.username, clientIdentifier }]
  })
