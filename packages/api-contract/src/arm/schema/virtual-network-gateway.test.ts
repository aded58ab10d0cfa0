import { describe, expect, it } from 'vitest'
import { formatDocumentFault } from '../../document-fault.ts'
import { readVirtualNetworkGateway } from './virtual-network-gateway.ts'

function lines(value: unknown): string[] {
  const read = readVirtualNetworkGateway(value)
  return read.type === 'bad' ? read.faults.map(formatDocumentFault) : []
}

describe('readVirtualNetworkGateway', () => {
  it('keeps properties of newer API versions', () => {
    const document = {
      name: 'gw',
      properties: { sku: { name: 'VpnGw1', wings: 2 }, resiliencyModel: 'MultiHomed' },
    }
    expect(readVirtualNetworkGateway(document)).toMatchObject({ type: 'good', value: document })
  })

  it('names the certificate that is broken by its place', () => {
    const roots = [{ name: 'root', properties: {} }]
    expect(lines({ properties: { vpnClientConfiguration: { vpnClientRootCertificates: roots } } })).toEqual([
      'properties.vpnClientConfiguration.vpnClientRootCertificates[0].properties.publicCertData: is missing; add it',
    ])
  })

  it('refuses what is not an object', () => {
    expect(lines(null)).toEqual(['null is not an object; give an object'])
    expect(lines({ name: 'gw' })).toEqual(['properties: is missing; add it'])
  })
})
