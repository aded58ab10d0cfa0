import type { PayloadOf } from '../payload.ts'
import type { PayloadCodec } from './codec.ts'

/*
 * RFC 7296 §3.7; Windows sends one hash for every root that it trusts.
 * | Cert Encoding |                                               |
 * ~                    Certification Authority                    ~
 */
export const certificateRequest: PayloadCodec<PayloadOf<'CERTREQ'>> = {
  read: body => ({
    type: 'CERTREQ',
    encoding: body.u8('cert encoding'),
    authorities: body.rest().slice(),
  }),
  write: (body, { encoding, authorities }) => {
    body.u8(encoding).bytes(authorities)
  },
}
