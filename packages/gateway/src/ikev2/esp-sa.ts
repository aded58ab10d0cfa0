import type { EspCipher, EspSa } from '@causeway/datapath'
import type { ChildSaKeys, EspEncryption } from '@causeway/ikev2'

const CIPHERS: Readonly<Record<EspEncryption, EspCipher>> = {
  'AES-GCM-16-128': 'AES-GCM-128',
  'AES-GCM-16-192': 'AES-GCM-192',
  'AES-GCM-16-256': 'AES-GCM-256',
  'AES-CBC-128': 'AES-CBC-128',
  'AES-CBC-192': 'AES-CBC-192',
  'AES-CBC-256': 'AES-CBC-256',
}

/** A pair of SAs as the datapath takes it. */
export function espSa(keys: ChildSaKeys): EspSa {
  const { suite, send, receive } = keys
  return {
    keyId: keys.receiveSpi,
    sendSpi: keys.sendSpi,
    cipher: CIPHERS[suite.encryption],
    ...(suite.integrity && { integrity: suite.integrity }),
    extendedSequence: suite.extendedSequence,
    replayWindow: keys.replayWindow,
    send: { cipherKey: send.encryption, integrityKey: send.integrity },
    receive: { cipherKey: receive.encryption, integrityKey: receive.integrity },
    selectors: { local: keys.local, remote: keys.remote },
    packetLimit: keys.softPackets,
    byteLimit: keys.softBytes,
    hardPacketLimit: keys.hardPackets,
    hardByteLimit: keys.hardBytes,
  }
}
