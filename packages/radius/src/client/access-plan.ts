import type { CryptoPort } from '@causeway/crypto'
import { concatBytes, Writer } from '@causeway/wire'
import { MAX_PASSWORD_BYTES } from '../limits.ts'
import { sealRandomRequest } from '../protection/seal.ts'
import { hideUserPassword } from '../protection/user-password.ts'
import type { RadiusAttribute } from '../wire/attribute.ts'
import type { NamedAttribute } from '../wire/attribute-names.ts'
import { encodeAttribute } from '../wire/attribute-values.ts'
import { CODES } from '../wire/code.ts'
import { AUTHENTICATOR_BYTES, type ReceivedPacket } from '../wire/packet.ts'
import { type AnswerTerms, readAccept, readChallenge, readReject } from './access-answer.ts'
import type { AccessCommand, AccessCredential } from './client-command.ts'
import type { RadiusAnswer } from './client-output.ts'
import { encodeAll } from './encode-all.ts'
import type { Addressee, RequestPlan, WrittenRequest } from './request-plan.ts'

const ANSWER_CODES = new Set<number>([CODES.ACCESS_ACCEPT, CODES.ACCESS_REJECT, CODES.ACCESS_CHALLENGE])

type PlanCrypto = Pick<CryptoPort, 'random' | 'hash' | 'hmac'>

/** Plans an Access-Request; a text says what of it does not fit. */
export function planAccess(crypto: PlanCrypto, command: AccessCommand): RequestPlan | string {
  const { userName, credential, attributes, continuation } = command
  const password = credential.type === 'password' ? credential.password.slice() : undefined
  if (password && password.length > MAX_PASSWORD_BYTES)
    return `a password longer than ${MAX_PASSWORD_BYTES} bytes`
  const state = continuation?.state
  const encoded = encodeAll([
    { name: 'User-Name', value: userName },
    ...credentialAttributes(credential),
    ...attributes,
    ...(state ? [{ name: 'State', value: state } as const] : []),
  ])
  return typeof encoded === 'string' ? encoded : new AccessPlan(crypto, encoded, password, credential.type)
}

class AccessPlan implements RequestPlan {
  readonly purpose = 'authentication'
  readonly answerCodes: ReadonlySet<number> = ANSWER_CODES
  readonly protection: RequestPlan['protection']
  readonly #crypto: PlanCrypto
  readonly #attributes: readonly RadiusAttribute[]
  readonly #password: Uint8Array | undefined

  constructor(
    crypto: PlanCrypto,
    attributes: readonly RadiusAttribute[],
    password: Uint8Array | undefined,
    type: AccessCredential['type'],
  ) {
    this.#crypto = crypto
    this.#attributes = attributes
    this.#password = password
    this.protection = type === 'eap' ? 'always' : 'by-server'
  }

  /** It is the same at all times. */
  version(): number {
    return 0
  }

  write({ secret, own }: Addressee, identifier: number): WrittenRequest {
    const authenticator = this.#crypto.random(AUTHENTICATOR_BYTES)
    const attributes = [...this.#hiddenPassword(secret, authenticator), ...this.#attributes, ...own]
    const body = { code: CODES.ACCESS_REQUEST, identifier, attributes }
    return { authenticator, bytes: sealRandomRequest(this.#crypto, secret, body, authenticator) }
  }

  read(terms: AnswerTerms, { code, attributes }: ReceivedPacket): RadiusAnswer {
    if (code === CODES.ACCESS_ACCEPT) return readAccept(terms, attributes)
    return code === CODES.ACCESS_REJECT ? readReject(terms, attributes) : readChallenge(terms, attributes)
  }

  discard(): void {
    this.#password?.fill(0)
  }

  #hiddenPassword(secret: Uint8Array, authenticator: Uint8Array): RadiusAttribute[] {
    const password = this.#password
    if (!password) return []
    const value = hideUserPassword(this.#crypto, secret, authenticator, password)
    return encodeAttribute({ name: 'User-Password', value })
  }
}

/** MS-CHAP2-Response (RFC 2548 §2.3.2): Ident, Flags, Peer-Challenge, eight reserved octets, Response. */
function credentialAttributes(credential: AccessCredential): NamedAttribute[] {
  switch (credential.type) {
    case 'password':
      return []
    case 'eap':
      return [{ name: 'EAP-Message', value: credential.packet }]
    case 'mschapv2': {
      const head = new Writer(2).u8(credential.identifier).u8(0).finish()
      const response = [head, credential.peerChallenge, new Uint8Array(8), credential.ntResponse]
      return [
        { name: 'MS-CHAP-Challenge', value: credential.challenge },
        { name: 'MS-CHAP2-Response', value: concatBytes(response) },
      ]
    }
    default:
      return credential satisfies never
  }
}
