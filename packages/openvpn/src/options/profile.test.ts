import { createNodeCrypto } from '@causeway/crypto-node'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createTlsCryptV2ClientKey,
  createTlsCryptV2ServerKey,
  formatTlsCryptV2ClientKey,
} from '../wrap/client-key.ts'
import { formatStaticKey } from '../wrap/static-key.ts'
import { joinConfigWords, splitConfigWords } from './config-words.ts'
import type { ClientProfile, ParsedProfile, ProfileWrap } from './profile.ts'
import { MAX_PROFILE_TEXT } from './profile-lines.ts'
import { parseProfile } from './profile-reader.ts'
import { formatProfile } from './profile-writer.ts'

const crypto = createNodeCrypto()
const staticKey = crypto.random(256)
const clientKey = createTlsCryptV2ClientKey(crypto, createTlsCryptV2ServerKey(crypto), {
  type: 'timestamp',
  unixSeconds: 1n,
})
const pem = (label: string): string => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`

/** The profile that Azure hands out, filled in. */
const AZURE = `client
remote azuregateway-1.vpn.azure.com 443
verify-x509-name '1.vpn.azure.com' name
remote-cert-tls server

dev tun
proto tcp
resolv-retry infinite
nobind

auth SHA256
cipher AES-256-GCM
persist-key
persist-tun

tls-timeout 30
tls-version-min 1.2
key-direction 1

log openvpn.log
verb 3

# P2S CA root certificate
<ca>
${pem('CERTIFICATE')}</ca>

# Pre Shared Key
<tls-auth>
${formatStaticKey(staticKey)}</tls-auth>

# P2S client certificate
<cert>
${pem('CERTIFICATE')}</cert>

# P2S client certificate private key
<key>
${pem('PRIVATE KEY')}</key>
`

const azure: ClientProfile = {
  remotes: [{ host: 'azuregateway-1.vpn.azure.com', port: 443, transport: 'tcp' }],
  serverName: { name: '1.vpn.azure.com', match: 'name' },
  requireServerUsage: true,
  auth: 'SHA256',
  cipher: 'AES-256-GCM',
  dataCiphers: [],
  ca: pem('CERTIFICATE'),
  certificate: pem('CERTIFICATE'),
  privateKey: pem('PRIVATE KEY'),
  wrap: { type: 'tls-auth', staticKey, direction: 1 },
  tlsVersionMin: '1.2',
  compression: 'none',
}

const parsed = (text: string): ParsedProfile => {
  const result = parseProfile(text)
  if (result.type === 'profile-fault') throw new Error(`line ${result.line}: ${result.reason}`)
  return result
}

describe('Azure’s profile', () => {
  it('is read', () => {
    expect(parseProfile(AZURE)).toEqual({ type: 'profile', profile: azure, notices: [] })
    expect(parsed(AZURE.replaceAll('\n', '\r\n')).profile).toEqual(azure)
  })

  it('is written to the letter', () => {
    expect(formatProfile(azure, { log: 'openvpn.log', verbosity: 3, tlsTimeoutSeconds: 30 })).toBe(AZURE)
  })
})

const word = fc.stringMatching(/^[^\p{Cc}]{1,20}$/u)
/** A block cannot have its own end inside. */
const blockWord = word.filter(text => !text.includes('</'))
const wrap = fc.constantFrom<ProfileWrap>(
  { type: 'none' },
  { type: 'tls-auth', staticKey, direction: 'bidirectional' },
  { type: 'tls-auth', staticKey, direction: 0 },
  { type: 'tls-crypt', staticKey },
  { type: 'tls-crypt-v2', key: clientKey },
)
const remote = fc
  .record({
    host: word,
    port: fc.integer({ min: 1, max: 65_535 }),
    transport: fc.constantFrom('udp' as const, 'tcp' as const),
    family: fc.constantFrom(undefined, 4 as const, 6 as const),
  })
  .map(({ family, ...rest }) => ({ ...rest, ...(family && { family }) }))
const seconds = fc.integer({ min: 0, max: 86_400 })
const profile: fc.Arbitrary<ClientProfile> = fc
  .record({
    remotes: fc.array(remote, { minLength: 1, maxLength: 4 }),
    name: fc.option(word),
    match: fc.constantFrom('name' as const, 'name-prefix' as const, 'subject' as const),
    user: fc.option(fc.record({ username: blockWord, password: blockWord })),
    requireServerUsage: fc.boolean(),
    auth: fc.constantFrom('SHA1' as const, 'SHA256' as const, 'SHA512' as const),
    dataCiphers: fc.subarray(['AES-256-GCM', 'CHACHA20-POLY1305']),
    wrap,
    compression: fc.constantFrom('none' as const, 'lzo-stub' as const, 'stub' as const, 'stub-v2' as const),
    seconds: fc.option(seconds),
  })
  .map(({ name, match, user, seconds, ...rest }) => ({
    ...rest,
    ...(name !== null && { serverName: { name, match } }),
    ...(user && { authUserPass: user }),
    ...(seconds !== null && {
      pingSeconds: seconds,
      pingRestartSeconds: seconds,
      renegotiateSeconds: seconds,
    }),
  }))

describe('profiles', () => {
  it('are read as they were written, whatever the words', () => {
    fc.assert(
      fc.property(profile, profile => {
        expect(parseProfile(formatProfile(profile))).toEqual({ type: 'profile', profile, notices: [] })
      }),
    )
  })

  it('of any text give a profile or a fault', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { maxLength: 10 }), lines => {
        const result = parseProfile(lines.join('\n'))
        if (result.type === 'profile') throw new Error('a profile without remote')
        expect(result.line).toBeGreaterThan(0)
      }),
    )
  })

  it('may have connection blocks, defaults, comments and inline credentials', () => {
    const { profile } = parsed(`
      ; a comment
      --dev tun          # command-line form
      port 1195
      proto udp6
      <connection>
      remote one.example 443 tcp-client
      </connection>
      <connection>
        remote two.example
        proto tcp4
      </connection>
      remote "three.example"
      <auth-user-pass>
anna
s e c r e t
      </auth-user-pass>
      <tls-crypt-v2>
${formatTlsCryptV2ClientKey(clientKey)}</tls-crypt-v2>
      keepalive 10 60
      comp-lzo`)
    expect(profile).toMatchObject({
      remotes: [
        { host: 'one.example', port: 443, transport: 'tcp' },
        { host: 'two.example', port: 1195, transport: 'tcp', family: 4 },
        { host: 'three.example', port: 1195, transport: 'udp', family: 6 },
      ],
      authUserPass: { username: 'anna', password: 's e c r e t' },
      wrap: { type: 'tls-crypt-v2', key: clientKey },
      pingSeconds: 10,
      pingRestartSeconds: 60,
      compression: 'lzo-stub',
    })
  })

  it('tell of directives that nothing is done about', () => {
    const { notices } = parsed('remote a.example\nca ca.crt\nup /bin/sh\ntls-auth ta.key 1\nroute 10.0.0.0')
    expect(notices).toEqual([
      { line: 2, directive: 'ca', why: 'file' },
      { line: 3, directive: 'up', why: 'unknown' },
      { line: 4, directive: 'tls-auth', why: 'file' },
      { line: 5, directive: 'route', why: 'unknown' },
    ])
  })

  it.each([
    ['', 1, 'no remote'],
    ['remote a 70000', 1, 'port'],
    ['remote a 1 icmp', 1, 'protocol'],
    ['client\nremote', 2, 'host'],
    ["client\n\nremote 'a", 3, 'quote'],
    ['remote a\\', 1, 'quote'],
    ['remote a\nauth MD5', 2, 'auth'],
    ['remote a\n<ca>\nx', 2, 'not closed'],
    ['remote a\n<tls-auth>\nx\n</tls-auth>', 2, 'static key'],
    ['remote a\n<tls-crypt>\nx\n</tls-crypt>', 2, 'static key'],
    ['remote a\n<tls-crypt-v2>\nx\n</tls-crypt-v2>', 2, 'client key'],
    ['remote a\n<connection>\n\nremote b 0\n</connection>', 4, 'port'],
    ['remote a\n<connection>\n</connection>', 2, 'one remote'],
    ['remote a\nkey-direction 2', 2, 'key-direction'],
    ['remote a\nping 99999', 2, 'ping'],
    ['remote a\ntls-version-min 2', 2, 'tls-version-min'],
    ['remote a\nremote-cert-tls client', 2, 'remote-cert-tls'],
    ['remote a\ncompress zip', 2, 'compression'],
    ['remote a\x07b', 1, 'control'],
    [`remote ${'a'.repeat(5000)}`, 1, 'too long'],
    [' '.repeat(MAX_PROFILE_TEXT + 1), 1, 'too long'],
    ['remote a\n'.repeat(65), 65, 'too many'],
  ])('are refused with their line: %#', (text, line, reason) => {
    expect(parseProfile(text)).toMatchObject({ type: 'profile-fault', line })
    expect(parseProfile(text)).toHaveProperty('reason', expect.stringContaining(reason))
  })

  it('are not written with values that would be read as something else', () => {
    for (const bad of [
      { ...azure, remotes: [] },
      { ...azure, remotes: [{ host: 'a\nup /bin/sh', port: 1, transport: 'udp' as const }] },
      { ...azure, serverName: { name: 'a\0b', match: 'name' as const } },
      { ...azure, cipher: 'A\nB' },
      { ...azure, certificate: 'x\n</cert>\nup /bin/sh\n' },
      { ...azure, certificate: 'x\x1b' },
      { ...azure, authUserPass: { username: 'a\nb', password: 'c' } },
    ])
      expect(() => formatProfile(bad)).toThrow(RangeError)
  })
})

describe('configuration words', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), words => {
        expect(splitConfigWords(joinConfigWords(words))).toEqual(words)
      }),
    )
    expect(splitConfigWords(joinConfigWords(['', 'a']))).toEqual(['', 'a'])
  })

  it('know quotes, escapes and comments', () => {
    expect(splitConfigWords(`a 'b "c' "d 'e\\"" f\\ g h#i #j`)).toEqual(['a', 'b "c', `d 'e"`, 'f g', 'h#i'])
    expect(splitConfigWords('a ;b')).toEqual(['a'])
    for (const open of ['"a', "'a", 'a\\']) expect(splitConfigWords(open)).toBeUndefined()
  })
})
