import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import { ClientIdentifier } from "../ClientIdentifier.js"
import type { CredentialStore } from "../CredentialStore.js"
import { DeviceKey } from "../DeviceKey.js"
import { randomHex } from "./randomHex.js"
import type { StoreBacking } from "./StoreBacking.js"
import { decodeDocument, emptyDocument, encodeDocument } from "./storeDocument.js"
import type { StoreDocument } from "./storeDocument.js"

/** A store over one text. */
export const makeCredentialStore = (backing: StoreBacking): CredentialStore.Service => {
  const semaphore = Effect.unsafeMakeSemaphore(1)

  const read = Effect.flatMap(
    backing.read,
    Option.match({
      onNone: () => Effect.succeed(emptyDocument),
      onSome: (text) => decodeDocument(backing.where, text)
    })
  )

  const get = <A>(select: (document: StoreDocument) => A) => Effect.map(read, select)

  const change = (f: (document: StoreDocument) => StoreDocument) =>
    Effect.map(read, (document) => {
      const changed = f(document)
      const text = encodeDocument(changed)
      return { changed, text, isSame: text === encodeDocument(document) }
    })

  const modify = (
    f: (document: StoreDocument) => StoreDocument
  ): Effect.Effect<StoreDocument, CredentialStore.Error> => {
    const changeStored = backing.exclusively((write) =>
      Effect.tap(change(f), ({ isSame, text }) => (isSame ? Effect.void : write(text)))
    )
    return change(f).pipe(
      // Nothing to change is nothing to lock: a store that can only be read will do.
      Effect.flatMap((found) => (found.isSame ? Effect.succeed(found) : changeStored)),
      semaphore.withPermits(1),
      Effect.map(({ changed }) => changed)
    )
  }

  const update = (f: (document: StoreDocument) => StoreDocument) => Effect.asVoid(modify(f))

  const clientIdentifier = Effect.flatMap(randomHex, (hex) => {
    const made = ClientIdentifier.make(hex)
    const known = (document: StoreDocument) => Option.getOrElse(document.clientIdentifier, () => made)
    return modify((document) => ({ ...document, clientIdentifier: Option.some(known(document)) })).pipe(
      Effect.map(known)
    )
  })

  const deviceKey = Effect.flatMap(
    get(({ deviceKey: stored }) => stored),
    (stored) =>
      Option.isSome(stored)
        ? Effect.succeed(stored.value)
        : Effect.flatMap(DeviceKey.generate, (made) => {
            const known = (document: StoreDocument) => Option.getOrElse(document.deviceKey, () => made)
            return Effect.map(
              modify((document) => ({ ...document, deviceKey: Option.some(known(document)) })),
              known
            )
          })
  )

  const withoutToken = (document: StoreDocument, token: CredentialStore.Unverified["token"]) => {
    const isOther = (unverified: CredentialStore.Unverified) => !Equal.equals(unverified.token, token)
    return {
      ...document,
      unverified: Option.filter(document.unverified, isOther),
      issued: Option.filter(document.issued, isOther)
    }
  }

  return {
    clientIdentifier,
    pending: get(({ pending }) => pending),
    savePending: (pin) => update((document) => ({ ...document, pending: Option.some(pin) })),
    forgetPending: (pin) =>
      update((document) => ({ ...document, pending: Option.filter(document.pending, ({ id }) => id !== pin.id) })),
    deviceKey,
    forgetDeviceKey: update((document) => ({ ...document, deviceKey: Option.none() })),
    unverified: get(({ unverified }) => unverified),
    saveToken: (unverified) =>
      update((document) => ({ ...document, pending: Option.none(), unverified: Option.some(unverified) })),
    issued: get(({ issued }) => issued),
    saveIssued: (issued) => update((document) => ({ ...document, issued: Option.some(issued) })),
    forgetToken: (token) => update((document) => withoutToken(document, token)),
    credentials: get(({ credentials }) => credentials),
    save: (saved) =>
      update((document) => ({
        ...withoutToken(document, saved.token),
        credentials: [saved, ...document.credentials.filter(({ account }) => account.id !== saved.account.id)]
      })),
    remove: (accountId) =>
      update((document) => ({
        ...document,
        credentials: document.credentials.filter(({ account }) => account.id !== accountId)
      })),
    takeTurn: (holder, duration) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const until = now + Duration.toMillis(duration)
        // One that ends later than any turn may was taken by a clock that was wrong.
        const isHeld = (turn: { readonly holder: string; readonly until: number }) =>
          turn.holder !== holder && turn.until > now && turn.until <= until
        return Effect.map(
          modify((document) => ({
            ...document,
            turn: Option.orElse(Option.filter(document.turn, isHeld), () => Option.some({ holder, until }))
          })),
          ({ turn }) => Option.exists(turn, (taken) => taken.holder === holder)
        )
      }),
    endTurn: (holder) =>
      update((document) => ({ ...document, turn: Option.filter(document.turn, (turn) => turn.holder !== holder) }))
  }
}
