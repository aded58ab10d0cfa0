import type { PayloadOf } from '../payload.ts'
import type { PayloadCodec } from './codec.ts'

/*
 * RFC 7296 §3.4; the value is checked by the group it belongs to.
 * |   Diffie-Hellman Group Num    |           RESERVED            |
 * ~                       Key Exchange Data                       ~
 */
export const keyExchange: PayloadCodec<PayloadOf<'KE'>> = {
  read: body => {
    const group = body.u16('group')
    body.skip(2, 'reserved')
    return { type: 'KE', group, data: body.rest().slice() }
  },
  write: (body, { group, data }) => {
    body.u16(group).u16(0).bytes(data)
  },
}
