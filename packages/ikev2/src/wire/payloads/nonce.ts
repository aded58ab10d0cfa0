import type { PayloadOf } from '../payload.ts'
import type { PayloadCodec } from './codec.ts'

/** RFC 7296 §3.9: between 16 and 256 bytes, and nothing else. */
export const nonce: PayloadCodec<PayloadOf<'NONCE'>> = {
  read: body => {
    if (body.remaining < 16 || body.remaining > 256) body.fail('invalid', 'nonce data')
    return { type: 'NONCE', data: body.rest().slice() }
  },
  write: (body, { data }) => {
    body.bytes(data)
  },
}
