import type { CryptoPort } from '@causeway/crypto'
import { EapError } from '../eap-error.ts'
import type { EapLimits } from '../limits.ts'
import { EAP_TYPES } from '../wire/eap-type.ts'
import type { EapAuthenticatorMethodName } from './authenticator-output.ts'

/** How an authenticator is made. */
export interface EapAuthenticatorOptions {
  readonly crypto: Pick<CryptoPort, 'random'>
  /**
   * In order of preference: the first is offered, and on a Nak the first of the others that the peer
   * wants. `pass-through` takes any wish, so what comes after it is never offered.
   */
  readonly methods: readonly EapAuthenticatorMethodName[]
  /** The name in an MSCHAPv2 challenge. Absent: empty. */
  readonly serverName?: string
  /** The peer's identity where the lower layer knows it: then none is asked for. */
  readonly identity?: string
  readonly limits?: Partial<EapLimits>
}

/** The EAP type of a method; `undefined`: any. */
export function methodType(name: EapAuthenticatorMethodName): number | undefined {
  return { tls: EAP_TYPES.TLS, mschapv2: EAP_TYPES.MSCHAPV2, 'pass-through': undefined }[name]
}

/** What is left of `methods` after a Nak of `refused` that proposes these types, the next to try first. */
export function methodsAfterNak(
  methods: readonly EapAuthenticatorMethodName[],
  refused: EapAuthenticatorMethodName,
  proposals: readonly number[],
): readonly EapAuthenticatorMethodName[] {
  const others = methods.filter(name => name !== refused)
  return others.filter(name => {
    const type = methodType(name)
    return type === undefined ? proposals.length > 0 : proposals.includes(type)
  })
}

/** Errors: `ERR_EAP_OPTIONS` when there is no method. */
export function requireMethods(methods: readonly unknown[]): void {
  if (methods.length === 0) throw new EapError('ERR_EAP_OPTIONS', 'an EAP conversation needs a method')
}
