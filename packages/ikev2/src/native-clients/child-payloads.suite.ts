import { NOTIFY, PROTOCOL } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'
import { spiBytes } from './native-client.suite.ts'

/** REKEY_SA for the Child SA by which the client receives with this SPI. */
export function rekeySa(spi: number): Payload {
  const data = new Uint8Array()
  return { type: 'N', protocol: PROTOCOL.ESP, spi: spiBytes(spi), notify: NOTIFY.REKEY_SA, data }
}

/** DELETE of the Child SA by which the client receives with this SPI. */
export function deleteChild(spi: number): Payload {
  return { type: 'D', protocol: PROTOCOL.ESP, spis: [spiBytes(spi)] }
}

/** DELETE of the IKE SA. */
export const DELETE_IKE: Payload = { type: 'D', protocol: PROTOCOL.IKE, spis: [] }
