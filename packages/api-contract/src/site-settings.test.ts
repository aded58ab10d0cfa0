import { describe, expect, it } from 'vitest'
import { formatDocumentFault } from './document-fault.ts'
import { completeGatewaySettings, readGatewaySettings } from './gateway-settings.ts'

const REMOTE = { id: '/subscriptions/1/x', address: '192.0.2.9', addressPrefixes: ['10.7.0.0/16'] }

function lines(sites: unknown): string[] {
  const read = readGatewaySettings({ sites })
  return read.type === 'bad' ? read.faults.map(formatDocumentFault) : []
}

describe('the settings of sites', () => {
  it('take nothing weak and carry nothing through by default', () => {
    expect(completeGatewaySettings({}).sites).toEqual({
      allowWeakIpsec: false,
      revocation: 'soft',
      clientTransit: false,
      siteTransit: false,
      remoteGateways: [],
    })
  })

  it('keep what is given', () => {
    const { sites } = completeGatewaySettings({ sites: { siteTransit: true, remoteGateways: [REMOTE] } })
    expect(sites).toMatchObject({ siteTransit: true, clientTransit: false, remoteGateways: [REMOTE] })
  })

  it.each([
    [{ weak: true }, 'sites.weak: is not a known option; remove it or correct its spelling'],
    [{ revocation: 'strict' }, "sites.revocation: 'strict' is not allowed; use one of soft, hard, off"],
    [{ clientTransit: 1 }, 'sites.clientTransit: 1 is not a boolean; give a boolean'],
    [{ remoteGateways: [{ ...REMOTE, port: 500 }] }, 'sites.remoteGateways[0].port: is not a known option'],
    [
      { remoteGateways: [{ id: '/a', addressPrefixes: [] }] },
      'sites.remoteGateways[0].addressPrefixes: a list is out of bounds',
    ],
    [{ remoteGateways: [{ address: '192.0.2.9' }] }, 'sites.remoteGateways[0].id: is missing; add it'],
  ])('say what is wrong with %j', (sites, line) => {
    expect(lines(sites).join('\n')).toContain(line)
  })
})
