import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dial, openScenario, type Scenario } from '../harness/scenario.ts'

// Exactly the TLS policy of the seed's table, over TLS 1.2 and 1.3; everything else is refused.

let scenario: Scenario
let profile: string

beforeAll(async () => {
  scenario = await openScenario()
  profile = (await scenario.gateway.addClient('alice')).hardened
})

afterAll(() => scenario?.close())

const ALLOWED_12 = [
  ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', 'ECDHE-RSA-AES256-SHA384'],
  ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256', 'ECDHE-RSA-AES128-SHA256'],
] as const

const ALLOWED_13 = ['TLS_AES_256_GCM_SHA384', 'TLS_AES_128_GCM_SHA256'] as const

const REFUSED_12 = [
  'ECDHE-RSA-CHACHA20-POLY1305',
  'DHE-RSA-AES256-GCM-SHA384',
  'AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-SHA',
] as const

const NO_CIPHER = /no.shared.cipher|no.suitable/i
const NO_VERSION = /unsupported.protocol|version.too.low|wrong.version/i

/** TLS 1.0 and 1.1, and SHA-1 in them, need OpenSSL's lowest security level at the client. */
const ANY_12 = 'DEFAULT:@SECLEVEL=0'

describe.concurrent('accepted', () => {
  test.each(ALLOWED_12)('%s over TLS 1.2', async (_, cipher) => {
    const args = ['--tls-version-max', '1.2', '--tls-cipher', cipher]
    const client = dial(scenario, profile, { args, title: cipher })
    await client.connected(30_000)
    expect(client.controlChannel()).toContain('TLSv1.2')
    expect(client.controlChannel()).toMatch(new RegExp(`\\b${cipher},`))
    await client.stop()
  })

  test.each(ALLOWED_13)('%s over TLS 1.3', async suite => {
    const args = ['--tls-version-min', '1.3', '--tls-ciphersuites', suite]
    const client = dial(scenario, profile, { args, title: suite })
    await client.connected(30_000)
    expect(client.controlChannel()).toContain('TLSv1.3')
    expect(client.controlChannel()).toContain(`${suite},`)
    await client.stop()
  })
})

describe('refused, with a log line that says why', () => {
  const tls13 = 'TLS_CHACHA20_POLY1305_SHA256'
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ...REFUSED_12.map(
      cipher => [cipher, ['--tls-version-max', '1.2', '--tls-cipher', cipher], NO_CIPHER] as const,
    ),
    [tls13, ['--tls-version-min', '1.3', '--tls-ciphersuites', tls13], NO_CIPHER],
    ['TLS 1.1', ['--tls-version-min', '1.1', '--tls-version-max', '1.1', '--tls-cipher', ANY_12], NO_VERSION],
  ]

  test.each(cases)('%s', async (name, args, reason) => {
    const mark = scenario.gateway.process.mark()
    const client = dial(scenario, profile, { edit: { drop: ['tls-version-min'] }, args, title: name })
    await client.waitFor(/TLS: Initial packet from/)
    await scenario.gateway.logged(reason, 10_000, mark)
    expect(client.process.log()).not.toMatch(/Initialization Sequence Completed/)
    await client.stop()
  })
})
