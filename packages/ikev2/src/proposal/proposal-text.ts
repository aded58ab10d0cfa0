import { PROTOCOL, TRANSFORM } from '../wire/numbers.ts'
import type { Proposal, Transform } from '../wire/payload.ts'
import type { EspSuite, IkeSuite } from './suite.ts'

/** Longest text in characters; what does not fit is counted. Ours: a log line is to be read. */
const LONGEST = 600

/**
 * A peer's proposals for one line of the log: `IKE: AES-CBC-256|AES-CBC-128/HMAC-SHA256-128/…`. Alternatives
 * stand beside each other with `|`; an id without a name is written as `type:id`.
 */
export function formatProposals(proposals: readonly Proposal[]): string {
  const [first] = proposals
  if (!first) return 'nothing'
  const protocol = PROTOCOLS.get(first.protocol) ?? `protocol ${first.protocol}`
  return bounded(
    protocol,
    proposals.map(({ transforms }) => formatTransforms(transforms)),
  )
}

/** A policy in the same way. */
export function formatSuites(suites: readonly (IkeSuite | EspSuite)[]): string {
  const [first] = suites
  if (!first) return 'nothing'
  return bounded('prf' in first ? 'IKE' : 'ESP', suites.map(formatSuite))
}

/** One suite: `AES-CBC-256/HMAC-SHA256-128/HMAC-SHA256/MODP-2048`. */
export function formatSuite(suite: IkeSuite | EspSuite): string {
  const prf = 'prf' in suite ? suite.prf : undefined
  const names = [suite.encryption, suite.integrity, prf, suite.group]
  return names.filter(name => name !== undefined).join('/')
}

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [PROTOCOL.IKE, 'IKE'],
  [PROTOCOL.AH, 'AH'],
  [PROTOCOL.ESP, 'ESP'],
])

/** IANA's names in short, of what peers are seen to offer; those with key lengths get them appended. */
const NAMES: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  [TRANSFORM.ENCRYPTION]: {
    2: 'DES',
    3: '3DES',
    11: 'NULL',
    12: 'AES-CBC',
    13: 'AES-CTR',
    14: 'AES-CCM-8',
    15: 'AES-CCM-12',
    16: 'AES-CCM-16',
    18: 'AES-GCM-8',
    19: 'AES-GCM-12',
    20: 'AES-GCM-16',
    23: 'CAMELLIA-CBC',
    28: 'CHACHA20-POLY1305',
  },
  [TRANSFORM.PRF]: {
    1: 'HMAC-MD5',
    2: 'HMAC-SHA1',
    4: 'AES128-XCBC',
    5: 'HMAC-SHA256',
    6: 'HMAC-SHA384',
    7: 'HMAC-SHA512',
    8: 'AES128-CMAC',
  },
  [TRANSFORM.INTEGRITY]: {
    0: 'NONE',
    1: 'HMAC-MD5-96',
    2: 'HMAC-SHA1-96',
    5: 'AES-XCBC-96',
    8: 'AES-CMAC-96',
    12: 'HMAC-SHA256-128',
    13: 'HMAC-SHA384-192',
    14: 'HMAC-SHA512-256',
  },
  [TRANSFORM.GROUP]: {
    0: 'NONE',
    1: 'MODP-768',
    2: 'MODP-1024',
    5: 'MODP-1536',
    14: 'MODP-2048',
    15: 'MODP-3072',
    16: 'MODP-4096',
    17: 'MODP-6144',
    18: 'MODP-8192',
    19: 'ECP-256',
    20: 'ECP-384',
    21: 'ECP-521',
    24: 'MODP-2048-256',
    31: 'X25519',
    32: 'X448',
    35: 'ML-KEM-512',
    36: 'ML-KEM-768',
    37: 'ML-KEM-1024',
  },
  [TRANSFORM.ESN]: { 0: 'NO-ESN', 1: 'ESN' },
}

/** In the order of a suite's name. */
const TEXT_ORDER: readonly number[] = [
  TRANSFORM.ENCRYPTION,
  TRANSFORM.INTEGRITY,
  TRANSFORM.PRF,
  TRANSFORM.GROUP,
  TRANSFORM.ESN,
]

function formatTransforms(transforms: readonly Transform[]): string {
  const others = transforms.map(({ type }) => type).filter(type => !TEXT_ORDER.includes(type))
  return [...TEXT_ORDER, ...new Set(others)]
    .map(type => transforms.filter(transform => transform.type === type).map(formatTransform))
    .filter(names => names.length > 0)
    .map(names => names.join('|'))
    .join('/')
}

function formatTransform({ type, id, keyBits, unknownAttribute }: Transform): string {
  const name = NAMES[type]?.[id] ?? `${type}:${id}`
  return `${name}${keyBits === undefined ? '' : `-${keyBits}`}${unknownAttribute ? '?' : ''}`
}

function bounded(protocol: string, parts: readonly string[]): string {
  let text = `${protocol}: `
  for (const [index, part] of parts.entries()) {
    const next = index === 0 ? part : `, ${part}`
    const room = LONGEST - text.length
    if (next.length > room) {
      const left = parts.length - index
      return index === 0 ? `${text}${next.slice(0, room)}… (${left})` : `${text}, … (${left} more)`
    }
    text += next
  }
  return text
}
