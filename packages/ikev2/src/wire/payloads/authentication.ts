import type { PayloadOf } from '../payload.ts'
import type { PayloadCodec } from './codec.ts'

/*
 * RFC 7296 §3.8
 * | Auth Method   |                RESERVED                       |
 * ~                      Authentication Data                      ~
 */
export const authentication: PayloadCodec<PayloadOf<'AUTH'>> = {
  read: body => {
    const method = body.u8('auth method')
    body.skip(3, 'reserved')
    return { type: 'AUTH', method, data: body.rest().slice() }
  },
  write: (body, { method, data }) => {
    body.u8(method).u24(0).bytes(data)
  },
}
