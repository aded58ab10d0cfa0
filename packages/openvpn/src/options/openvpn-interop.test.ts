import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { ClientProfile } from './profile.ts'
import { formatProfile } from './profile-writer.ts'

const folder = mkdtempSync(join(tmpdir(), 'causeway-profile-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What the real `openvpn` read: it prints its settings and then ends, since the certificate is none. */
function settingsOf(profile: ClientProfile): string {
  const file = join(folder, 'profile.ovpn')
  writeFileSync(file, formatProfile(profile, { verbosity: 4 }))
  const { stdout, error } = spawnSync('openvpn', ['--config', file, '--dev', 'null'], {
    encoding: 'utf8',
    timeout: 10_000,
  })
  if (error) throw error
  return stdout
}

const profile: ClientProfile = {
  remotes: [
    { host: 'one.invalid', port: 1194, transport: 'udp' },
    { host: 'two.invalid', port: 443, transport: 'tcp', family: 4 },
  ],
  requireServerUsage: true,
  auth: 'SHA256',
  cipher: 'AES-256-GCM',
  dataCiphers: ['AES-256-GCM', 'AES-128-GCM'],
  ca: 'no certificate\n',
  certificate: 'no certificate\n',
  privateKey: 'no key\n',
  wrap: { type: 'tls-auth', staticKey: new Uint8Array(256).fill(0x5a), direction: 1 },
  tlsVersionMin: '1.2',
  compression: 'none',
  renegotiateSeconds: 77,
}

describe('a profile that we write', () => {
  it('is read by openvpn as it was meant', () => {
    const settings = settingsOf(profile)
    expect(settings).not.toContain('Options error')
    for (const line of [
      "remote = 'one.invalid'",
      "remote_port = '1194'",
      "remote = 'two.invalid'",
      "remote_port = '443'",
      'proto = tcp4-client',
      "authname = 'SHA256'",
      "ncp_ciphers = 'AES-256-GCM:AES-128-GCM'",
      'renegotiate_seconds = 77',
      'key_direction = 1',
    ])
      expect(settings).toContain(line)
  })

  it.each(['gw.example', 'a b', "it's", `'"\\`, '# no comment', '\\\\', 'ü € "', '$HOME;x', '<ca>'])(
    'quotes a name so that openvpn reads it: %s',
    name => {
      const settings = settingsOf({ ...profile, serverName: { name, match: 'name' } })
      expect(settings).toContain(`verify_x509_name = '${name}'`)
    },
  )
})
