import { randomBytes, timingSafeEqual } from 'node:crypto'
import { limits } from '../limits.ts'

/** For whom a sign-in with the browser is: it is completed by the same, or not at all. */
export interface SignInOwner {
  /** The VPN session that waits for it. */
  readonly sessionId: string
  /** Where both the VPN session and the browser come from, in any form that is the same for both. */
  readonly source: string
}

/** A sign-in that waits for the browser to come back. */
export interface PendingSignIn {
  readonly owner: SignInOwner
  readonly nonce: string
  /** PKCE, RFC 7636 §4.1. */
  readonly codeVerifier: string
  /** Unix seconds. */
  readonly expiresAt: number
}

/** The sign-ins under way, bounded in number and in time. */
export interface PendingSignIns {
  readonly size: number
  /**
   * Begins one, in place of an earlier one of the same session. `state` is its only name. `undefined`: too
   * many are under way.
   */
  begin(owner: SignInOwner, now: number): { state: string; pending: PendingSignIn } | undefined
  /** Takes out the one with this state. A state is good for one time, whatever comes of it. */
  take(state: string, now: number): PendingSignIn | undefined
  /** Forgets the one of a session that has ended. */
  cancel(sessionId: string): void
}

/** The state is a handle, by which the entry is found, and a secret, which is compared in constant time. */
const HANDLE_BYTES = 9
const SECRET_BYTES = 32
const stateForm = /^([A-Za-z0-9_-]{12})([A-Za-z0-9_-]{43})$/

interface Entry {
  readonly pending: PendingSignIn
  readonly secret: Buffer
}

export function createPendingSignIns(lifetimeSeconds: number): PendingSignIns {
  const entries = new Map<string, Entry>()
  const removeWhere = (isGone: (pending: PendingSignIn) => boolean): void => {
    for (const [handle, { pending }] of entries) if (isGone(pending)) entries.delete(handle)
  }
  const cancel = (sessionId: string): void => removeWhere(({ owner }) => owner.sessionId === sessionId)
  const isFull = (source: string): boolean => {
    const fromSource = [...entries.values()].filter(({ pending }) => pending.owner.source === source)
    return entries.size >= limits.pendingSignIns || fromSource.length >= limits.pendingSignInsPerSource
  }
  return {
    get size() {
      return entries.size
    },
    begin: (owner, now) => {
      removeWhere(({ expiresAt }) => expiresAt <= now)
      cancel(owner.sessionId)
      if (isFull(owner.source)) return undefined
      const [handle, secret] = [randomBytes(HANDLE_BYTES).toString('base64url'), randomBytes(SECRET_BYTES)]
      const pending: PendingSignIn = {
        owner,
        nonce: randomBytes(SECRET_BYTES).toString('base64url'),
        codeVerifier: randomBytes(SECRET_BYTES).toString('base64url'),
        expiresAt: now + lifetimeSeconds,
      }
      entries.set(handle, { pending, secret })
      return { state: handle + secret.toString('base64url'), pending }
    },
    take: (state, now) => {
      const [, handle = '', secret = ''] = stateForm.exec(state) ?? []
      const entry = entries.get(handle)
      if (!entry || !timingSafeEqual(entry.secret, secretBytes(secret))) return undefined
      entries.delete(handle)
      return entry.pending.expiresAt > now ? entry.pending : undefined
    },
    cancel,
  }
}

/** Always as long as a secret, as `timingSafeEqual` needs it. */
function secretBytes(text: string): Buffer {
  const bytes = Buffer.alloc(SECRET_BYTES)
  bytes.write(text, 'base64url')
  return bytes
}
