import type { Reader } from '@causeway/wire'
import { ATTRIBUTES } from '../../limits.ts'
import type { ConfigurationAttribute, PayloadOf } from '../payload.ts'
import type { PayloadCodec } from './codec.ts'

/*
 * RFC 7296 §3.15
 * |   CFG Type    |                    RESERVED                   |
 * ~                   Configuration Attributes                    ~
 * each (§3.15.1):
 * |R|         Attribute Type      |            Length             |
 * ~                             Value                             ~
 */
export const configuration: PayloadCodec<PayloadOf<'CP'>> = {
  read: body => {
    const configurationType = body.u8('CFG type')
    body.skip(3, 'reserved')
    return { type: 'CP', configurationType, attributes: readAttributes(body) }
  },
  write: (body, { configurationType, attributes }) => {
    body.u8(configurationType).u24(0)
    for (const { type, value } of attributes) body.u16(type).u16(value.length).bytes(value)
  },
}

function readAttributes(body: Reader): ConfigurationAttribute[] {
  const attributes: ConfigurationAttribute[] = []
  while (body.remaining > 0) {
    if (attributes.length === ATTRIBUTES) body.fail('limit', 'configuration attributes')
    const type = body.u16('attribute type') & 0x7fff
    const value = body.bytes(body.u16('attribute length'), 'attribute value').slice()
    attributes.push({ type, value })
  }
  return attributes
}
