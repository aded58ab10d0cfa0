import type { CryptoPort } from '@causeway/crypto'
import { Reader } from '@causeway/wire'

/** SPIs below are reserved (RFC 4303 §2.1). */
const FIRST_ESP_SPI = 256

/** An IKE SPI as a map key. */
export function spiKey(spi: Uint8Array): string {
  // Asked for a dozen times in a handshake, and to spread the bytes takes five times as long.
  let key = ''
  for (const byte of spi) key += String.fromCharCode(byte)
  return key
}

/** The SPIs by which ESP is received: random, each in use once. */
export class EspSpis {
  readonly #crypto: CryptoPort
  readonly #used = new Set<number>()

  constructor(crypto: CryptoPort) {
    this.#crypto = crypto
  }

  get size(): number {
    return this.#used.size
  }

  take(): number {
    for (;;) {
      const spi = new Reader(this.#crypto.random(4)).u32('SPI')
      if (spi < FIRST_ESP_SPI || this.#used.has(spi)) continue
      this.#used.add(spi)
      return spi
    }
  }

  giveBack(spi: number): void {
    this.#used.delete(spi)
  }
}
