import { CERTIFICATE_BYTES } from '../../limits.ts'
import type { PayloadOf } from '../payload.ts'
import type { PayloadCodec } from './codec.ts'

/*
 * RFC 7296 §3.6
 * | Cert Encoding |                                               |
 * ~                       Certificate Data                        ~
 */
export const certificate: PayloadCodec<PayloadOf<'CERT'>> = {
  read: body => {
    const encoding = body.u8('cert encoding')
    if (body.remaining > CERTIFICATE_BYTES) body.fail('limit', 'certificate data')
    return { type: 'CERT', encoding, data: body.rest().slice() }
  },
  write: (body, { encoding, data }) => {
    body.u8(encoding).bytes(data)
  },
}
