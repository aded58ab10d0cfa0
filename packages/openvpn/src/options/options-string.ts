import type { DataDigest } from '../data-channel.ts'

/**
 * The options string of key method 2 (OCC): what each side believes of the tunnel, as
 * `V4,name value,name value,flag`. Nobody enforces it, but it tells the cipher and the framing of
 * clients too old to negotiate.
 */
export type OptionsString = ReadonlyMap<string, string>

const VERSION = 'V4'
/** Options of one string that are looked at. Ours; clients send about twelve. */
const MAX_OPTIONS = 64
/** Characters of a string that are looked at. Ours. */
const MAX_TEXT = 4096

/** Reads an options string: each option's name with its value, empty for a flag. The first one counts. */
export function parseOptionsString(text: string): OptionsString {
  const [version, ...options] = text.slice(0, MAX_TEXT).split(',', MAX_OPTIONS)
  const entries = new Map<string, string>()
  if (version !== VERSION) return entries
  for (const option of options) {
    const space = option.indexOf(' ')
    const name = space < 0 ? option : option.slice(0, space)
    if (name !== '' && !entries.has(name)) entries.set(name, space < 0 ? '' : option.slice(space + 1))
  }
  return entries
}

/** Writes an options string. Errors: `RangeError` on commas or control characters. */
export function formatOptionsString(options: OptionsString): string {
  const parts = Array.from(options, ([name, value]) => (value === '' ? name : `${name} ${value}`))
  if (parts.some(part => /[,\p{Cc}]/u.test(part)))
    throw new RangeError('impossible option in an options string')
  return [VERSION, ...parts].join(',')
}

/** The client's `auth`, when it is one that Causeway has. */
export function optionsDigest(options: OptionsString): DataDigest | undefined {
  const name = options.get('auth')?.toUpperCase()
  return name === 'SHA1' || name === 'SHA256' || name === 'SHA512' ? name : undefined
}

/** What a Causeway peer says of itself. */
export interface OwnOptions {
  readonly role: 'server' | 'client'
  readonly transport: 'udp' | 'tcp'
  readonly family: 4 | 6
  readonly tunMtu: number
  readonly cipher: string
  /** `[null-digest]` for AEAD ciphers. */
  readonly auth: string
  readonly keyBits: number
}

/** The options string of this side, in OpenVPN's order. */
export function ownOptionsString(own: OwnOptions): string {
  const { role, transport, family, tunMtu, cipher, auth, keyBits } = own
  const stream = role === 'server' ? 'SERVER' : 'CLIENT'
  const proto = transport === 'udp' ? `UDPv${family}` : `TCPv${family}_${stream}`
  return formatOptionsString(
    new Map([
      ['dev-type', 'tun'],
      ['tun-mtu', String(tunMtu)],
      ['proto', proto],
      ['cipher', cipher],
      ['auth', auth],
      ['keysize', String(keyBits)],
      ['key-method', '2'],
      [`tls-${role}`, ''],
    ]),
  )
}
