import { concatBytes } from '@causeway/wire'
import type { Identification, IdentificationType } from '../../identification.ts'
import type { PayloadOf } from '../payload.ts'
import type { PayloadCodec } from './codec.ts'

/*
 * RFC 7296 §3.5
 * |   ID Type     |                 RESERVED                      |
 * ~                   Identification Data                         ~
 */
const TYPES: ReadonlyMap<number, IdentificationType> = new Map([
  [1, 'ID_IPV4_ADDR'],
  [2, 'ID_FQDN'],
  [3, 'ID_RFC822_ADDR'],
  [5, 'ID_IPV6_ADDR'],
  [9, 'ID_DER_ASN1_DN'],
  [10, 'ID_DER_ASN1_GN'],
  [11, 'ID_KEY_ID'],
])

export const identificationI: PayloadCodec<PayloadOf<'IDi'>> = codec('IDi')
export const identificationR: PayloadCodec<PayloadOf<'IDr'>> = codec('IDr')

/** The payload behind its generic header: what AUTH covers of it (RFC 7296 §2.15). */
export function identificationBody({ number, data }: Identification): Uint8Array {
  return concatBytes([Uint8Array.of(number, 0, 0, 0), data])
}

function codec<Type extends 'IDi' | 'IDr'>(
  type: Type,
): PayloadCodec<{ readonly type: Type; readonly identification: Identification }> {
  return {
    read: body => {
      const number = body.u8('ID type')
      body.skip(3, 'reserved')
      const data = body.rest().slice()
      return { type, identification: { type: TYPES.get(number) ?? 'other', number, data } }
    },
    write: (body, { identification }) => {
      body.bytes(identificationBody(identification))
    },
  }
}
