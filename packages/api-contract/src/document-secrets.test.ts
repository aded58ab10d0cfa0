import { describe, expect, it } from 'vitest'
import { readVirtualNetworkGateway } from './arm/schema/virtual-network-gateway.ts'
import { formatDocumentFault } from './document-fault.ts'
import { secretsOf, withoutSecrets, withSecrets } from './document-secrets.ts'

const SECRET = 'Wombat-7'
const document = (secret: unknown) => ({
  name: 'gw',
  properties: {
    vpnClientConfiguration: {
      radiusServerAddress: '10.1.0.9',
      radiusServerSecret: secret,
      radiusServers: [{ radiusServerAddress: '10.1.0.9', radiusServerScore: 3, radiusServerSecret: secret }],
    },
  },
})

it('shows a document without its secrets, and changes nothing else', () => {
  const given = document(SECRET)
  expect(withoutSecrets(given)).toEqual(document('[secret]'))
  expect(given).toEqual(document(SECRET))
  for (const none of [null, '']) expect(withoutSecrets(document(none))).toEqual(document(none))
})

it('shows a connection and a capture without theirs', () => {
  const given = { properties: { sharedKey: SECRET, authorizationKey: SECRET }, sasUrl: SECRET }
  expect(withoutSecrets(given)).toEqual({
    properties: { sharedKey: '[secret]', authorizationKey: '[secret]' },
    sasUrl: '[secret]',
  })
})

it('has faults that name no secret, whatever is wrong with it', () => {
  for (const secret of [SECRET.repeat(1_000), 77_123, { secret: SECRET }, [SECRET]]) {
    const read = readVirtualNetworkGateway(document(secret))
    const lines = read.type === 'bad' ? read.faults.map(formatDocumentFault) : []
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/radiusServerSecret: \[secret\] is /)
    expect(lines.join()).not.toMatch(/Wombat|77123/)
  }
})

describe('secrets kept apart', () => {
  const servers = (...radiusServers: object[]) => ({
    properties: { vpnClientConfiguration: { radiusServers } },
  })
  const server = (radiusServerAddress: string, radiusServerSecret?: string | null) => ({
    radiusServerAddress,
    ...(radiusServerSecret !== undefined && { radiusServerSecret }),
  })
  const present = servers(server('10.1.0.1', 'one'), server('NPS.test', 'two'))

  it('come back to their servers, in any order, where they are not told anew', () => {
    const shown = withoutSecrets(present)
    expect(withSecrets(shown, secretsOf(present))).toEqual(present)
    const next = servers(server('nps.test'), server('10.1.0.1', 'new'), server('10.1.0.2', '[secret]'))
    expect(withSecrets(next, secretsOf(present))).toEqual(
      servers(server('nps.test', 'two'), server('10.1.0.1', 'new'), server('10.1.0.2', '[secret]')),
    )
    expect(
      withSecrets(servers(server('10.1.0.1', null), server('nps.test', '')), secretsOf(present)),
    ).toEqual(servers(server('10.1.0.1', 'one'), server('nps.test', 'two')))
  })

  it('do not mend a secret of the wrong type, which is for the shape check to name', () => {
    const wrong = servers({ radiusServerAddress: '10.1.0.1', radiusServerSecret: 7 })
    expect(withSecrets(wrong, secretsOf(present))).toEqual(wrong)
  })

  it('are of the list where the only server is in it too', () => {
    const { vpnClientConfiguration } = present.properties
    const both = { ...server('10.1.0.1', 'old'), ...vpnClientConfiguration }
    const document = { properties: { vpnClientConfiguration: both } }
    expect(secretsOf(document).get('10.1.0.1')).toBe('one')
  })

  it('are those that are told', () => {
    expect([...secretsOf(present)]).toEqual([
      ['10.1.0.1', 'one'],
      ['nps.test', 'two'],
    ])
    expect(secretsOf(withoutSecrets(present)).size).toBe(0)
    expect(secretsOf(null).size).toBe(0)
  })
})

describe('the secret of a client at its provider', () => {
  const settings = (clientId: string, clientSecret?: string) => ({
    entra: { browser: { clientId, ...(clientSecret !== undefined && { clientSecret }) } },
  })
  const known = secretsOf(settings('VPN', SECRET))

  it('is shown as the others are', () => {
    expect(withoutSecrets(settings('VPN', SECRET))).toEqual(settings('VPN', '[secret]'))
    expect([...known]).toEqual([['VPN', SECRET]])
  })

  it.each([
    ['as it is shown', settings('VPN', '[secret]'), settings('VPN', SECRET)],
    ['left out: the client has none any more', settings('VPN'), settings('VPN')],
    ['of another client', settings('vpn', '[secret]'), settings('vpn', '[secret]')],
    ['given anew', settings('VPN', 'Koala-8'), settings('VPN', 'Koala-8')],
  ])('%s', (_how, given, meant) => {
    expect(withSecrets(given, known)).toEqual(meant)
  })
})
