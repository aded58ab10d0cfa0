import { DELETED_SPIS } from '../../limits.ts'
import type { PayloadOf } from '../payload.ts'
import { spiBytesOf } from '../spi.ts'
import type { PayloadCodec } from './codec.ts'

/*
 * RFC 7296 §3.11: no SPIs for IKE, whole ones of 4 bytes for AH and ESP.
 * | Protocol ID   |   SPI Size    |          Num of SPIs          |
 * ~               Security Parameter Index(es) (SPI)              ~
 */
export const deletion: PayloadCodec<PayloadOf<'D'>> = {
  read: body => {
    const protocol = body.u8('protocol ID')
    const size = body.u8('SPI size')
    const count = body.u16('number of SPIs')
    if (size !== spiBytesOf(protocol)) body.fail('invalid', 'SPI size')
    if (count > DELETED_SPIS) body.fail('limit', 'number of SPIs')
    if (size === 0 && count !== 0) body.fail('invalid', 'number of SPIs')
    if (count * size !== body.remaining) body.fail('invalid', 'SPIs')
    const spis = Array.from({ length: count }, () => body.bytes(size, 'SPI').slice())
    return { type: 'D', protocol, spis }
  },
  write: (body, { protocol, spis }) => {
    body
      .u8(protocol)
      .u8(spiBytesOf(protocol) ?? 0)
      .u16(spis.length)
    for (const spi of spis) body.bytes(spi)
  },
}
