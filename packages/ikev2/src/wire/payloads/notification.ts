import type { Reader } from '@causeway/wire'
import { NOTIFY, PROTOCOL } from '../numbers.ts'
import type { PayloadOf } from '../payload.ts'
import { spiBytesOf } from '../spi.ts'
import type { PayloadCodec } from './codec.ts'

/*
 * RFC 7296 §3.10
 * |  Protocol ID  |   SPI Size    |      Notify Message Type      |
 * ~                Security Parameter Index (SPI)                 ~
 * ~                       Notification Data                       ~
 */
export const notification: PayloadCodec<PayloadOf<'N'>> = {
  read: body => {
    const protocol = body.u8('protocol ID')
    const size = body.u8('SPI size')
    const notify = body.u16('notify message type')
    checkSpi(body, protocol, size, notify)
    const spi = body.bytes(size, 'SPI').slice()
    return { type: 'N', protocol, spi, notify, data: body.rest().slice() }
  },
  write: (body, { protocol, spi, notify, data }) => {
    body.u8(protocol).u8(spi.length).u16(notify).bytes(spi).bytes(data)
  },
}

/**
 * An SPI has the length that its protocol gives it, or there is none; and none for the IKE SA. REKEY_SA
 * always names a Child SA (§3.10.1; a REKEY_SA of protocol 0 or 1 crashed libreswan, CVE-2023-38710).
 */
function checkSpi(body: Reader, protocol: number, size: number, notify: number): void {
  if (size !== 0 && size !== spiBytesOf(protocol)) body.fail('invalid', 'SPI size')
  const namesChild = protocol === PROTOCOL.ESP || protocol === PROTOCOL.AH
  if (notify === NOTIFY.REKEY_SA && !(namesChild && size === 4)) body.fail('invalid', 'REKEY_SA')
}
