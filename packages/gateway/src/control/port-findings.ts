import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import {
  CLIENT_PROTOCOLS,
  type ClientProtocol,
  canonicalName,
  completeGatewaySettings,
  type ListenerSettings,
} from '@causeway/api-contract'
import { pointToSiteOf } from '../arm/index.ts'
import type { Documents } from '../quick-start/documents.ts'
import { bad, type Finding, good } from './finding.ts'

/** Whether the ports that these documents name are free; without documents, those of a first start. */
export function portFindings(documents: Documents | undefined): Promise<Finding[]> {
  return Promise.all(listening(documents).map(listener => portFinding(listener)))
}

function listening(documents: Documents | undefined): ListenerSettings[] {
  const settings = completeGatewaySettings(documents?.settings ?? {})
  const protocols = documents ? protocolsOf(documents) : CLIENT_PROTOCOLS
  const isOn = (protocol: ClientProtocol) =>
    protocols.some(name => canonicalName(CLIENT_PROTOCOLS, name) === protocol)
  const { addresses, port, natPort } = settings.ikev2
  const ike = addresses.flatMap(address =>
    [port, natPort].map(number => ({ transport: 'udp', address, port: number }) as const),
  )
  const listeners = settings.listeners.filter(
    ({ transport }) => isOn('OpenVPN') || (transport === 'tcp' && isOn('SSTP')),
  )
  return [...listeners, ...(isOn('IkeV2') ? ike : [])]
}

function protocolsOf({ resource }: Documents): readonly string[] {
  return (resource && pointToSiteOf(resource)?.vpnClientProtocols) ?? []
}

async function portFinding({ transport, address, port }: ListenerSettings): Promise<Finding> {
  const check = `${transport} ${address} port ${port}`
  const code = await (transport === 'udp' ? tryUdp : tryTcp)(address, port)
  switch (code) {
    case undefined:
      return good(check, 'free')
    case 'EADDRINUSE':
      return bad(check, 'taken by another program', `find it with: ss -lnp 'sport = :${port}'; stop it`)
    case 'EACCES':
      return bad(check, 'not allowed', 'start it with sudo')
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return bad(check, 'this machine does not have the address', 'change listeners in the settings')
    default:
      return bad(check, code, 'change listeners in the settings')
  }
}

function tryUdp(address: string, port: number): Promise<string | undefined> {
  const ipv6 = address.includes(':')
  const socket = createSocket({ type: ipv6 ? 'udp6' : 'udp4', ipv6Only: ipv6 })
  return new Promise(resolve => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close()
      resolve(error.code ?? error.message)
    })
    socket.bind(port, address, () => socket.close(() => resolve(undefined)))
  })
}

function tryTcp(address: string, port: number): Promise<string | undefined> {
  const server = createServer()
  return new Promise(resolve => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host: address, port, ipv6Only: true }, () => server.close(() => resolve(undefined)))
  })
}
