import { parseHex } from '@causeway/wire'
import type { Channel } from './datapath-peer.suite.ts'
import type { OpenVpnKeySlot } from './flow.ts'

/** A first packet of a key, computed outside this project and outside node:crypto. */
export interface KnownPacket {
  readonly channel: Channel
  /** The keys of the side that sent it. */
  readonly keys: OpenVpnKeySlot
  readonly payload: string
  readonly packet: string
}

function hex(text: string): Uint8Array {
  const bytes = parseHex(text)
  if (!bytes) throw new TypeError('not hexadecimal')
  return bytes
}

function known(channel: Channel, cipherKey: string, authKey: string, packet: string): KnownPacket {
  const { peerId: _, ...slot } = channel
  const direction = { cipherKey: hex(cipherKey), authKey: hex(authKey) }
  const limits = { compression: 'none', packetLimit: 0, byteLimit: 0 } as const
  return {
    channel,
    keys: { ...slot, send: direction, receive: direction, ...limits },
    payload: PAYLOAD,
    packet,
  }
}

/** IPv4, 10.8.0.2 to 10.8.0.1, protocol 253, "known answer". */
const PAYLOAD = '450000200000000040fd65cf0a0800020a0800016b6e6f776e20616e73776572'

/**
 * Made with pyca/cryptography from OpenVPN's wire protocol: packet id 1 (epoch 1), keys counting
 * up from 0x10 (epoch secret 0x30), implicit IV from 0xa0, HMAC key from 0x50, CBC IV from 0xe0.
 */
export const KNOWN_PACKETS: readonly KnownPacket[] = [
  known(
    { cipher: 'AES-128-GCM', format: 'standard', keyId: 2 },
    '101112131415161718191a1b1c1d1e1f',
    'a0a1a2a3a4a5a6a7',
    '320000000182733de6d01b91324e39a340c70d9694213c82afbd32b036cee6b5014af446ba8c302712747defa6f2437209f4ce7a56',
  ),
  known(
    { cipher: 'AES-128-GCM', format: 'standard', keyId: 2, peerId: 0xabcdef },
    '101112131415161718191a1b1c1d1e1f',
    'a0a1a2a3a4a5a6a7',
    '4aabcdef00000001a152ddc09bc5eb70ca2a88485cec6697213c82afbd32b036cee6b5014af446ba8c302712747defa6f2437209f4ce7a56',
  ),
  known(
    { cipher: 'AES-256-GCM', format: 'standard', keyId: 2 },
    '101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f',
    'a0a1a2a3a4a5a6a7',
    '3200000001149b515b03d04995995caeb435aed9592f57690e8d3edd24ec2fbc0e2ba70464b6dd79516115d67011850dfe9c29e4b6',
  ),
  known(
    { cipher: 'AES-256-GCM', format: 'standard', keyId: 2, peerId: 0xabcdef },
    '101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f',
    'a0a1a2a3a4a5a6a7',
    '4aabcdef00000001f008a908c2e2f40f44a195a24580d6252f57690e8d3edd24ec2fbc0e2ba70464b6dd79516115d67011850dfe9c29e4b6',
  ),
  known(
    { cipher: 'CHACHA20-POLY1305', format: 'standard', keyId: 2 },
    '101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f',
    'a0a1a2a3a4a5a6a7',
    '320000000174ca17f00f4ae997c01c1f6185e6e0e487bd9350012ce2f948894fb16dd651fc67344b65c48ea0868ddb0329c287d728',
  ),
  known(
    { cipher: 'CHACHA20-POLY1305', format: 'standard', keyId: 2, peerId: 0xabcdef },
    '101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f',
    'a0a1a2a3a4a5a6a7',
    '4aabcdef00000001a545dc228d2993205ef4f809b38d2f2b87bd9350012ce2f948894fb16dd651fc67344b65c48ea0868ddb0329c287d728',
  ),
  known(
    { cipher: 'AES-256-GCM', format: 'epoch', keyId: 2, peerId: 0xabcdef },
    '303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f',
    '',
    '4aabcdef000100000000000145410d3f27e2fa1e96bf9d8c7519fc2059a4e525473dd71ed19540ca86da0c6757d10df304de5963834f8eb31707bba6',
  ),
  known(
    { cipher: 'CHACHA20-POLY1305', format: 'epoch', keyId: 2, peerId: 0xabcdef },
    '303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f',
    '',
    '4aabcdef0001000000000001690241e1540222a24e221a0306d50b6ae92e8c32956190cbb7335ef508873af6d03462a015d037a538a55f6d693aef0b',
  ),
  known(
    { cipher: 'AES-128-CBC', digest: 'SHA1', format: 'standard', keyId: 2 },
    '101112131415161718191a1b1c1d1e1f',
    '505152535455565758595a5b5c5d5e5f60616263',
    '32c5c9c2a011913a4d47b1700249505d8e8b1fbfb5e0e1e2e3e4e5e6e7e8e9eaebecedeeef6c2ba155e749448d61ce8ede6ab2f57fe93d5d9e6969e4d247cd5c7a0653a7a017bc2be66d2e5d7f161fabbc61c589aa',
  ),
  known(
    { cipher: 'AES-256-CBC', digest: 'SHA256', format: 'standard', keyId: 2, peerId: 0xabcdef },
    '101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f',
    '505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f',
    '4aabcdef3ba38bc38ad45035284bb259019dde22f6b84e1b2744125a71cbc7b6fe245329e0e1e2e3e4e5e6e7e8e9eaebecedeeefba675292a1c90a0e993cd86a1a593d46cc298a5f7801b6fc59d71affabaa73041d1eb28d5c6c2596c724692aeba66ca7',
  ),
  known(
    { cipher: 'AES-192-CBC', digest: 'SHA512', format: 'standard', keyId: 2, peerId: 0xabcdef },
    '101112131415161718191a1b1c1d1e1f2021222324252627',
    '505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f',
    '4aabcdef616234cb0aa30d1a1222a24b71228824dddf6dfd54182a9347dd29efef74ed71cbd5f5962c4b82ffadf4cdc1a87da2c9f863c8c7eaa5caecd5cc6302090e9eb2e0e1e2e3e4e5e6e7e8e9eaebecedeeef2a0663ddea86d820c17ffbd807d17d8a65b58f20b6e597a30b0ff51304eee02b091c4d4bdd09e0ee17d4ec4ef2bc8c97',
  ),
]
