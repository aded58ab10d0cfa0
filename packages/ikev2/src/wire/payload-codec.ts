import type { Reader } from '@causeway/wire'
import { PAYLOAD } from './numbers.ts'
import type { Payload, PayloadOf } from './payload.ts'
import { authentication } from './payloads/authentication.ts'
import { certificate } from './payloads/certificate.ts'
import { certificateRequest } from './payloads/certificate-request.ts'
import type { PayloadCodec } from './payloads/codec.ts'
import { configuration } from './payloads/configuration.ts'
import { deletion } from './payloads/deletion.ts'
import { eap } from './payloads/eap.ts'
import { identificationI, identificationR } from './payloads/identification.ts'
import { keyExchange } from './payloads/key-exchange.ts'
import { nonce } from './payloads/nonce.ts'
import { notification } from './payloads/notification.ts'
import { securityAssociation } from './payloads/security-association.ts'
import { selectorsI, selectorsR } from './payloads/traffic-selectors.ts'
import { vendorId } from './payloads/vendor-id.ts'

/** Every payload that is understood. */
export const PAYLOAD_CODECS: { readonly [Type in Payload['type']]: PayloadCodec<PayloadOf<Type>> } = {
  SA: securityAssociation,
  KE: keyExchange,
  IDi: identificationI,
  IDr: identificationR,
  CERT: certificate,
  CERTREQ: certificateRequest,
  AUTH: authentication,
  NONCE: nonce,
  N: notification,
  D: deletion,
  V: vendorId,
  TSi: selectorsI,
  TSr: selectorsR,
  CP: configuration,
  EAP: eap,
}

const BY_NUMBER = new Map<number, { readonly read: (body: Reader) => Payload }>(
  (Object.keys(PAYLOAD_CODECS) as Payload['type'][]).map(type => [PAYLOAD[type], PAYLOAD_CODECS[type]]),
)

/** What reads the payload with this number; `undefined`: it is not understood (or SK, SKF). */
export function codecOf(number: number): { readonly read: (body: Reader) => Payload } | undefined {
  return BY_NUMBER.get(number)
}
