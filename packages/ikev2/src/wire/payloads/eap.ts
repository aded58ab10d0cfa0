import type { PayloadOf } from '../payload.ts'
import type { PayloadCodec } from './codec.ts'

/*
 * RFC 7296 §3.16; the message is read by whoever speaks EAP.
 * |     Code      | Identifier    |           Length              |
 * ~                         Type, Type_Data                       ~
 */
export const eap: PayloadCodec<PayloadOf<'EAP'>> = {
  read: body => {
    if (body.remaining < 4) body.fail('truncated', 'EAP message')
    return { type: 'EAP', packet: body.rest().slice() }
  },
  write: (body, { packet }) => {
    body.bytes(packet)
  },
}
