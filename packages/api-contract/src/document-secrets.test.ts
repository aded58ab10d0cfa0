import { expect, it } from 'vitest'
import { formatDocumentFault } from './document-fault.ts'
import { withoutSecrets } from './document-secrets.ts'
import { readVirtualNetworkGateway } from './virtual-network-gateway.ts'

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
  expect(withoutSecrets(document(null))).toEqual(document(null))
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
