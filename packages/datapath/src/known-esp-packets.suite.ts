import { parseHex } from '@causeway/wire'
import type { EspChannel } from './esp-peer.suite.ts'
import type { EspCipher, EspIntegrity, EspKeys } from './flow.ts'

/** A first packet of an SA, computed outside this project and outside node:crypto. */
export interface KnownEspPacket {
  readonly channel: EspChannel
  /** The keys of the side that sent it. */
  readonly keys: EspKeys
  readonly inner: Uint8Array
  readonly packet: Uint8Array
}

/** A published case: what AES-GCM makes of a padded payload. */
export interface PublishedGcmCase {
  readonly cipher: EspCipher
  readonly cipherKey: string
  readonly salt: string
  readonly iv: string
  readonly spi: number
  readonly sequence: number
  readonly extended: boolean
  /** With padding, pad length and next header 1, which tunnel mode does not carry. */
  readonly plaintext: string
  /** Ciphertext and ICV. */
  readonly sealed: string
}

export function hexBytes(text: string): Uint8Array {
  const bytes = parseHex(text)
  if (!bytes) throw new TypeError('not hexadecimal')
  return bytes
}

const SPI = 0xc0def00d

/** Bytes that count up. */
function counting(from: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => from + i)
}

function gcm(bits: number, extendedSequence: boolean, inner: string, packet: string): KnownEspPacket {
  const cipher = `AES-GCM-${bits}` as EspCipher
  return {
    channel: { cipher, extendedSequence, spi: SPI, sendSpi: SPI },
    keys: { cipherKey: counting(0x10, bits / 8), integrityKey: counting(0xa0, 4) },
    inner: hexBytes(inner),
    packet: hexBytes(packet),
  }
}

const HMAC_KEY_BYTES = {
  'HMAC-SHA1-96': 20,
  'HMAC-SHA256-128': 32,
  'HMAC-SHA384-192': 48,
  'HMAC-SHA512-256': 64,
} as const satisfies Record<EspIntegrity, number>

function cbc(
  bits: number,
  integrity: EspIntegrity,
  extendedSequence: boolean,
  inner: string,
  packet: string,
): KnownEspPacket {
  const cipher = `AES-CBC-${bits}` as EspCipher
  return {
    channel: { cipher, integrity, extendedSequence, spi: SPI, sendSpi: SPI },
    keys: {
      cipherKey: counting(0x10, bits / 8),
      integrityKey: counting(0x50, HMAC_KEY_BYTES[integrity]),
    },
    inner: hexBytes(inner),
    packet: hexBytes(packet),
  }
}

/** 10.8.0.2 to 192.0.2.80, protocol 253, "known answer". */
const PACKET_4 = '450000200000000040fdad870a080002c00002506b6e6f776e20616e73776572'
/** The same from fd00::2 to 2001:db8:ff::80. */
const PACKET_6 =
  '60000000000cfd40fd00000000000000000000000000000220010db800ff000000000000000000806b6e6f776e20616e73776572'

/**
 * Made with pyca/cryptography and Python's hmac from RFC 4303: sequence number 1, cipher keys counting up
 * from 0x10, salt from 0xa0, HMAC keys from 0x50, IVs from 0xe0, padding 1, 2, 3, ….
 */
export const KNOWN_ESP_PACKETS: readonly KnownEspPacket[] = [
  gcm(
    128,
    false,
    PACKET_4,
    'c0def00d00000001e0e1e2e3e4e5e6e7820dfbb17d09652e129f5f62592926a829187398a02c809906c14ac24fe8de658563eec7f0b3704bc7284d5617edb7372249a21e',
  ),
  gcm(
    192,
    false,
    PACKET_4,
    'c0def00d00000001e0e1e2e3e4e5e6e76b4f14bf543d0665c0b467b3d940860c2c5455c15757f707b33c98862024be63734c0b834ae9116de3135d6ad37ff67fba5a322b',
  ),
  gcm(
    256,
    false,
    PACKET_6,
    'c0def00d00000001e0e1e2e3e4e5e6e7816516c4e0f91b16cc25a3208514bd33fb7d2ffec7cee89c3b517ea51c250ddbf05e1fb411e04ab0020c008cccccd82b2bcdd5df79c4667020ca64288784d6f6ba7aa1450ad2ca97',
  ),
  gcm(
    128,
    true,
    PACKET_6,
    'c0def00d00000001e0e1e2e3e4e5e6e7a70dfb917d05986eaf62f2e5532126aae91871c8cb42efec48e026143c60bb178461ecc34140722be1e115cb4b4966693173609fdf3e997af79aa6609c8d55c26a39fd4c90e49e57',
  ),
  gcm(
    256,
    true,
    PACKET_4,
    'c0def00d00000001e0e1e2e3e4e5e6e7a46516e4e0f5e65671d80ea78f1cbd313b7d2daeaca087e9757012736fad68a9f15c1db036161145ff151ddfd2a2d350817199a5',
  ),
  cbc(
    128,
    'HMAC-SHA1-96',
    false,
    PACKET_4,
    'c0def00d00000001e0e1e2e3e4e5e6e7e8e9eaebecedeeefa3ffea01508ceb13c900f4b56689bb589c1ee9f5c7c909365054ce45e0824a01583e1011b98e3c3957b9caacdbc1a6691b16fc93b56c5b4112d9ccdb',
  ),
  cbc(
    256,
    'HMAC-SHA256-128',
    false,
    PACKET_6,
    'c0def00d00000001e0e1e2e3e4e5e6e7e8e9eaebecedeeef5185c552cabc7eb34f65d5d5189c8c93a6fe5a1ecf044b12329e229a48455431c119afb2c722bf45d00c755b5107e15d4574a3baba7814b785d22239224430558e40d5f1698752ed0ed44e233c547fca',
  ),
  cbc(
    192,
    'HMAC-SHA384-192',
    false,
    PACKET_4,
    'c0def00d00000001e0e1e2e3e4e5e6e7e8e9eaebecedeeefd257e494c068a30865beadd27db1b3c52ff344728284227c13ccc6fef868ee8453cff8f59636fc72cb5340fdd081b93c0bacf3e558d2af4b9224237faecd70f8281f6de3d94c5fb9',
  ),
  cbc(
    256,
    'HMAC-SHA512-256',
    false,
    PACKET_4,
    'c0def00d00000001e0e1e2e3e4e5e6e7e8e9eaebecedeeef45f3efc5f90dd5c6c0540ffd1a255c64132f82e34b74f14412525358d72de0f5566be610bb804e641a7d65d05d1a2caddc92ff382e64587a51c7848cdbf6bb7138a0a1cd9e08f014dda367c35b586d32',
  ),
  cbc(
    256,
    'HMAC-SHA1-96',
    true,
    PACKET_4,
    'c0def00d00000001e0e1e2e3e4e5e6e7e8e9eaebecedeeef45f3efc5f90dd5c6c0540ffd1a255c64132f82e34b74f14412525358d72de0f5566be610bb804e641a7d65d05d1a2cad63ac9259a936d2c4e290a103',
  ),
  cbc(
    128,
    'HMAC-SHA256-128',
    true,
    PACKET_6,
    'c0def00d00000001e0e1e2e3e4e5e6e7e8e9eaebecedeeef46d57fe6c543dcc4c163ef1ca27e733bd8abc7932f2f63a2ddedee5c6c25655004ea02cf2139b9acf208f89f4960353e866cc06108ed4153d3f4f1a5a6f7d3bad3b7478a9c73261a1c6facfbc7f4128d',
  ),
]

/** draft-mcgrew-gcm-test-01 (McGrew, "Test Cases for the use of GCM and GMAC in IPsec ESP"), §4. */
export const PUBLISHED_GCM_CASES: readonly PublishedGcmCase[] = [
  {
    cipher: 'AES-GCM-128',
    cipherKey: 'feffe9928665731c6d6a8f9467308308',
    salt: 'cafebabe',
    iv: 'facedbaddecaf888',
    spi: 0xa5f8,
    sequence: 10,
    extended: false,
    plaintext:
      '4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d001000001000000000000037369700963796265726369747902646b00000100010001',
    sealed:
      'deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c3de81827c10e9a4f51330d0eec416642cfbb85a5b47e48a4ec3b9ba95d918bd183b70d3aa8bc6ee4c309e9d85a41ad4a',
  },
  {
    cipher: 'AES-GCM-192',
    cipherKey: 'feffe9928665731c6d6a8f9467308308feffe9928665731c',
    salt: 'cafebabe',
    iv: 'facedbaddecaf888',
    spi: 0xa5f8,
    sequence: 10,
    extended: false,
    plaintext: '45000028a4ad4000400678800a01038f0a010612802306b8cb712602dd6bb03e501016d075680001',
    sealed:
      'a5b1f8066029aea40e598b8122de02420938b3ab33f828e687b8858b5bfbdbd0315b27452144cc7795457b9652037f5318027b5b4cd7a636',
  },
  {
    cipher: 'AES-GCM-256',
    cipherKey: 'abbccddef00112233445566778899aababbccddef00112233445566778899aab',
    salt: '11223344',
    iv: '0102030405060708',
    spi: 0x4a2cbfe3,
    sequence: 2,
    extended: false,
    plaintext:
      '4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee0000000007002400020bf0000020405b40101040201020201',
    sealed:
      'ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763748a637985771d347f0545659f14e99def842d8eb335f4eecfdbf831824b4c4915956c96',
  },
  {
    cipher: 'AES-GCM-128',
    cipherKey: 'abbccddef00112233445566778899aab',
    salt: 'decaf888',
    iv: 'cafedebaceface74',
    spi: 0x100,
    sequence: 1,
    extended: true,
    plaintext:
      '4500004933ba00007f119106c3fb1d10c2b1d326c02831ce0035dd7b800302d500004e20001e8c18d75b81dc91baa0476b91b924b280389d92c963bac046ec959b6266c04722b14923010101',
    sealed:
      '18a6fd42f72cbf4ab2a2ea901f73d814e3e7f243d95412e1c349c1d2fbec168f9190feebaf2cb01984e65863965d7472b79da345e0e780191f0d2f0e0f496c226f2127b27db35724e7845d68651f57e65f354f75ff17015769623436',
  },
  {
    cipher: 'AES-GCM-128',
    cipherKey: '4c80cdefbb5d10da906ac73c3613a634',
    salt: '2e443b68',
    iv: '4956ed7e3b244cfe',
    spi: 0x4321,
    sequence: 0x87654321 * 2 ** 32,
    extended: true,
    plaintext:
      '45000048699a000080114db7c0a80102c0a801010a9bf15638d301000001000000000000045f736970045f756470037369700963796265726369747902646b000021000101020201',
    sealed:
      'fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34cfa2436f14a3f3cf65925bf1f4a13c5d15b21e1884f5ff6247aeabb786b93bce61bc17d768fd9732459018148f6cbe722fd04796562dfdb4',
  },
]
