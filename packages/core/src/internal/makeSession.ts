import * as Arr from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Equal from "effect/Equal"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import { isTagged } from "effect/Predicate"
import type { AccessToken } from "../AccessToken.js"
import type { Credentials } from "../Credentials.js"
import { CredentialStore } from "../CredentialStore.js"
import { UntrustedToken } from "../DeviceKeyError.js"
import { PlexAuth } from "../PlexAuth.js"
import { InvalidRequest, isPlexAuthError, isTransient, NotSignedIn } from "../PlexAuthError.js"
import { claims } from "../PlexJwt.js"
import type { Claims } from "../PlexJwt.js"
import type { PlexSession } from "../PlexSession.js"
import { issueToken } from "./issueToken.js"
import { monotonicMillis } from "./monotonic.js"
import { correction, plexTime } from "./plexTime.js"
import { randomHex } from "./randomHex.js"
import { rules } from "./rules.js"

/** How long a refresh may take, before another process takes the turn. */
const turn = "1 minute"

/** After a refresh that failed, in milliseconds, unless plex.tv asks for more. */
const rest = 10_000

/** How often a legacy token is kept from lapsing, in milliseconds. */
const pingEvery = Duration.toMillis("1 day")

/** Corrected it is, but whoever looks after this machine wants to know. */
const reportClock = (offset: number) =>
  offset === 0
    ? Effect.void
    : Effect.logWarning(
        `The clock of this machine is ${Duration.format(Math.abs(offset))} ${offset > 0 ? "behind" : "ahead of"} that of plex.tv, which was allowed for.`
      )

/** A refresh that failed, and until when, on the monotonic clock, there won't be another one for this token. */
interface Failure {
  readonly token: AccessToken
  readonly error: PlexSession.Error
  readonly until: number
}

/** A refresh that is under way. */
interface Refresh {
  readonly stale: AccessToken
  readonly result: Deferred.Deferred<Credentials, PlexSession.Error>
}

/** What a ping said of a legacy token, and until when, on the monotonic clock, it is not asked again. */
interface Pinged {
  readonly token: AccessToken
  readonly until: number
  readonly error: PlexAuth.AccountError | undefined
}

export const makeSession = ({ account, refreshAhead = "1 day", scope = [] }: PlexSession.Options) =>
  Effect.gen(function* () {
    const context = yield* Effect.context<PlexAuth | CredentialStore>()
    const store = yield* CredentialStore
    const plex = yield* PlexAuth
    const scoped = yield* Effect.scope
    const holder = yield* randomHex
    const pings = yield* Effect.makeSemaphore(1)

    let running: Refresh | undefined
    let failure: Failure | undefined
    let pinged: Pinged | undefined

    const signedIn = Effect.flatMap(store.credentials, (all) =>
      Option.match(
        Arr.findFirst(all, (each) => account === undefined || each.account.id === account),
        {
          onNone: () => new NotSignedIn({ operation: "PlexSession.token" }),
          onSome: (credentials) => Effect.succeed(credentials)
        }
      )
    )

    /** A new key in place of a lost one would be a device that plex.tv does not know. */
    const isForThisKey = (claimed: Claims) =>
      Effect.filterOrFail(
        store.deviceKey,
        ({ kid }) => claimed.thumbprint === kid,
        () => new UntrustedToken({ operation: "PlexSession.refresh", reason: "thumbprint" })
      )

    /** In turn with other processes. Somebody else may have done it meanwhile. */
    const renewed = (stale: AccessToken): Effect.Effect<Credentials, PlexSession.Error, PlexAuth | CredentialStore> =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          while (!(yield* store.takeTurn(holder, turn))) {
            const credentials = yield* signedIn
            if (!Equal.equals(credentials.token, stale)) return credentials
            yield* restore(Effect.sleep("1 second"))
          }
          return yield* Effect.ensuring(
            restore(
              Effect.gen(function* () {
                const credentials = yield* signedIn
                if (!Equal.equals(credentials.token, stale)) return credentials
                const claimed = claims(stale)
                if (Option.isNone(claimed)) {
                  return yield* new InvalidRequest({
                    request: "PlexSession.refresh",
                    issues: [{ field: "token", rule: rules.refreshable }]
                  })
                }
                yield* isForThisKey(claimed.value)
                const issued = yield* issueToken("PlexSession.refresh", credentials, scope)
                yield* reportClock(yield* correction)
                return issued
              })
            ),
            Effect.ignore(store.endTurn(holder))
          )
        })
      )

    const remember = (stale: AccessToken, error: PlexSession.Error) =>
      Effect.flatMap(monotonicMillis, (now) => {
        const asked = isPlexAuthError(error) && isTransient(error) ? error.retryAfter : undefined
        const until = now + Math.max(rest, asked === undefined ? 0 : Duration.toMillis(asked))
        failure = { token: stale, error, until }
        // While the token lives nobody else gets to hear of it.
        return Effect.logWarning(`The token of Plex could not be refreshed. ${error.message}`)
      })

    /** One refresh of a token at a time, in the session's own scope: whoever asked first may be the first to leave. */
    const refreshed = (stale: AccessToken): Effect.Effect<Credentials, PlexSession.Error> =>
      Effect.uninterruptibleMask((restore) =>
        Effect.suspend(() => {
          if (running !== undefined && Equal.equals(running.stale, stale))
            return restore(Deferred.await(running.result))
          const mine: Refresh = { stale, result: Deferred.unsafeMake(FiberId.none) }
          // Before anything else runs, so that nobody begins a second one.
          running = mine
          return renewed(stale).pipe(
            Effect.tapError((error) => remember(stale, error)),
            // Whoever asked hears of it.
            Effect.withUnhandledErrorLogLevel(Option.none()),
            Effect.provide(context),
            Effect.interruptible,
            Effect.forkIn(scoped),
            Effect.map((fiber) => {
              fiber.addObserver((exit) => {
                if (running === mine) running = undefined
                Deferred.unsafeDone(mine.result, exit)
              })
            }),
            Effect.zipRight(restore(Deferred.await(mine.result)))
          )
        })
      )

    const rested = (stale: AccessToken): Effect.Effect<Credentials, PlexSession.Error> =>
      Effect.flatMap(monotonicMillis, (now) =>
        failure !== undefined && now < failure.until && Equal.equals(failure.token, stale)
          ? Effect.fail(failure.error)
          : refreshed(stale)
      )

    /** What a ping says of the token counts. That it can't be asked does not. */
    const kept = (token: AccessToken) =>
      pings.withPermits(1)(
        Effect.gen(function* () {
          if (pinged !== undefined && Equal.equals(pinged.token, token) && (yield* monotonicMillis) < pinged.until) {
            return pinged.error === undefined ? undefined : yield* Effect.fail(pinged.error)
          }
          const said = yield* Effect.either(plex.ping(token))
          const now = yield* monotonicMillis
          if (Either.isRight(said)) {
            pinged = { token, until: now + pingEvery, error: undefined }
            return undefined
          }
          const isOver = said.left._tag === "Unauthorized" || said.left._tag === "TokenExpired"
          pinged = { token, until: now + rest, error: isOver ? said.left : undefined }
          return isOver ? yield* Effect.fail(said.left) : undefined
        })
      )

    const valid = (ahead: number, { token }: Credentials): Effect.Effect<AccessToken, PlexSession.Error> =>
      Option.match(claims(token), {
        onNone: () => Effect.as(kept(token), token),
        onSome: ({ exp }) =>
          Effect.gen(function* () {
            const left = DateTime.toEpochMillis(exp) - (yield* Effect.provideService(plexTime, PlexAuth, plex))
            if (left > ahead) return token
            const renewal = Effect.map(rested(token), (credentials) => credentials.token)
            return yield* left > 0 ? Effect.orElseSucceed(renewal, () => token) : renewal
          })
      })

    const tokenFor = (time: number) => Effect.flatMap(signedIn, (credentials) => valid(time, credentials))

    const ahead = Duration.toMillis(refreshAhead)
    const token = tokenFor(ahead)

    /** Refreshes it so much sooner that whoever asks in the meantime does not have to wait. Milliseconds. */
    const tend = (sooner: number) => tokenFor(ahead + sooner)

    const refresh = (instead?: AccessToken) =>
      (instead === undefined ? Effect.map(signedIn, (credentials) => credentials.token) : Effect.succeed(instead)).pipe(
        Effect.flatMap(refreshed),
        Effect.map((credentials) => credentials.token)
      )

    const withToken = <A, E, R>(use: (token: AccessToken) => Effect.Effect<A, E, R>) =>
      Effect.flatMap(token, (first) =>
        Effect.catchIf(
          use(first),
          (error) => isTagged(error, "TokenExpired") && Option.isSome(claims(first)),
          () => Effect.flatMap(rested(first), (credentials) => use(credentials.token))
        )
      )

    const status = Effect.gen(function* () {
      const credentials = yield* signedIn
      const claimed = claims(credentials.token)
      return {
        account: credentials.account,
        kind: Option.isSome(claimed) ? ("jwt" as const) : ("legacy" as const),
        expiresAt: Option.map(claimed, ({ exp }) => exp),
        clockCorrection: yield* Effect.provideService(correction, PlexAuth, plex)
      }
    })

    return { service: { token, withToken, refresh, status }, ahead, tend }
  })
