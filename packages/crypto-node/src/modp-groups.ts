import type { GroupName } from '@causeway/crypto'
import { parseHex } from '@causeway/wire'

export type ModpName = Extract<GroupName, `MODP-${string}`>

/** Numbers are big-endian and as long as the prime, where nothing else is said. */
export interface ModpGroup {
  readonly prime: Uint8Array
  /** No leading zeros. */
  readonly generator: Uint8Array
  /** Private exponents are below it. */
  readonly exponentBound: Uint8Array
  /** Of the generator, where it is much smaller than the prime: public values have to be checked for it. */
  readonly subgroupOrder?: Uint8Array
}

/**
 * Exponents of 256 bits: twice the strength that the MODP groups of 2048 bits are given at most
 * (RFC 3526 §8), and what the subgroup of group 24 has by itself.
 */
const EXPONENT_BOUND = new Uint8Array(32).fill(0xff)

/** RFC 5114 §2.3: q. */
const ORDER_2048_256 = hex('8cf83642a709a097b447997640129da299b1a47d1eb3750ba308b0fe64f5fbd3')

export const MODP_GROUPS: Readonly<Record<ModpName, ModpGroup>> = {
  /** RFC 7296 §B.2 (the Second Oakley Group of RFC 2409 §6.2). */
  'MODP-1024': {
    prime: hex(`
      ffffffff ffffffff c90fdaa2 2168c234 c4c6628b 80dc1cd1 29024e08 8a67cc74
      020bbea6 3b139b22 514a0879 8e3404dd ef9519b3 cd3a431b 302b0a6d f25f1437
      4fe1356d 6d51c245 e485b576 625e7ec6 f44c42e9 a637ed6b 0bff5cb6 f406b7ed
      ee386bfb 5a899fa5 ae9f2411 7c4b1fe6 49286651 ece65381 ffffffff ffffffff`),
    generator: Uint8Array.of(2),
    exponentBound: EXPONENT_BOUND,
  },
  /** RFC 3526 §3. */
  'MODP-2048': {
    prime: hex(`
      ffffffff ffffffff c90fdaa2 2168c234 c4c6628b 80dc1cd1 29024e08 8a67cc74
      020bbea6 3b139b22 514a0879 8e3404dd ef9519b3 cd3a431b 302b0a6d f25f1437
      4fe1356d 6d51c245 e485b576 625e7ec6 f44c42e9 a637ed6b 0bff5cb6 f406b7ed
      ee386bfb 5a899fa5 ae9f2411 7c4b1fe6 49286651 ece45b3d c2007cb8 a163bf05
      98da4836 1c55d39a 69163fa8 fd24cf5f 83655d23 dca3ad96 1c62f356 208552bb
      9ed52907 7096966d 670c354e 4abc9804 f1746c08 ca18217c 32905e46 2e36ce3b
      e39e772c 180e8603 9b2783a2 ec07a28f b5c55df0 6f4c52c9 de2bcbf6 95581718
      3995497c ea956ae5 15d22618 98fa0510 15728e5a 8aacaa68 ffffffff ffffffff`),
    generator: Uint8Array.of(2),
    exponentBound: EXPONENT_BOUND,
  },
  /** RFC 5114 §2.3. */
  'MODP-2048-256': {
    prime: hex(`
      87a8e61d b4b6663c ffbbd19c 65195999 8ceef608 660dd0f2 5d2ceed4 435e3b00
      e00df8f1 d61957d4 faf7df45 61b2aa30 16c3d911 34096faa 3bf4296d 830e9a7c
      209e0c64 97517abd 5a8a9d30 6bcf67ed 91f9e672 5b4758c0 22e0b1ef 4275bf7b
      6c5bfc11 d45f9088 b941f54e b1e59bb8 bc39a0bf 12307f5c 4fdb70c5 81b23f76
      b63acae1 caa6b790 2d525267 35488a0e f13c6d9a 51bfa4ab 3ad83477 96524d8e
      f6a167b5 a41825d9 67e144e5 14056425 1ccacb83 e6b486f6 b3ca3f79 71506026
      c0b857f6 89962856 ded4010a bd0be621 c3a3960a 54e710c3 75f26375 d7014103
      a4b54330 c198af12 6116d227 6e11715f 693877fa d7ef09ca db094ae9 1e1a1597`),
    generator: hex(`
      3fb32c9b 73134d0b 2e775066 60edbd48 4ca7b18f 21ef2054 07f4793a 1a0ba125
      10dbc150 77be463f ff4fed4a ac0bb555 be3a6c1b 0c6b47b1 bc3773bf 7e8c6f62
      901228f8 c28cbb18 a55ae313 41000a65 0196f931 c77a57f2 ddf463e5 e9ec144b
      777de62a aab8a862 8ac376d2 82d6ed38 64e67982 428ebc83 1d14348f 6f2f9193
      b5045af2 767164e1 dfc967c1 fb3f2e55 a4bd1bff e83b9c80 d052b985 d182ea0a
      db2a3b73 13d3fe14 c8484b1e 052588b9 b7d2bbd2 df016199 ecd06e15 57cd0915
      b3353bbb 64e0ec37 7fd02837 0df92b52 c7891428 cdc67eb6 184b523d 1db246c3
      2f630784 90f00ef8 d647d148 d4795451 5e2327cf ef98c582 664b4c0f 6cc41659`),
    exponentBound: ORDER_2048_256,
    subgroupOrder: ORDER_2048_256,
  },
}

function hex(text: string): Uint8Array {
  return parseHex(text.replaceAll(/\s/g, '')) as Uint8Array
}
