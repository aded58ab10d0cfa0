import type { PayloadOf } from '../payload.ts'
import type { PayloadCodec } from './codec.ts'

/** RFC 7296 §3.12: bytes that name an implementation. */
export const vendorId: PayloadCodec<PayloadOf<'V'>> = {
  read: body => ({ type: 'V', data: body.rest().slice() }),
  write: (body, { data }) => {
    body.bytes(data)
  },
}
