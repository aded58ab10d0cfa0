import { createNodeCrypto } from '@causeway/crypto-node'
import { createMemoryDatapath } from '@causeway/datapath'
import { createIkev2 } from '@causeway/ikev2'
import { asciiBytes } from '@causeway/wire'
import { profileTerms } from '../client/ikev2-profile.ts'
import { systemClock } from '../engine/clock.ts'
import { IkePorts } from '../ikev2/ike-ports.ts'
import { Ikev2Driver, type Ikev2Role } from '../ikev2/ikev2-driver.ts'
import type { OpenPort } from '../listener/open-port.ts'
import type { TlsCredentials } from './credentials.suite.ts'
import { ikev2Profile } from './ikev2-client.suite.ts'
import { address, recordingLog, type TestGateway } from './test-gateway.suite.ts'

const SESSION = 1
const REQUEST = 1
const RESPONSE = 2
const IDENTITY = 1

/** RFC 3748 §5.1. */
export function identityResponse(identifier: number, name: string): Uint8Array {
  const bytes = asciiBytes(name)
  return Uint8Array.of(RESPONSE, identifier, 0, 5 + bytes.length, IDENTITY, ...bytes)
}

/** Why an IKEv2 client is refused that says by EAP who it is, and nothing more. `leaves`: it does not stay to hear. */
export async function refusedByEap(
  site: TestGateway,
  credentials: TlsCredentials,
  name: string,
  leaves = false,
): Promise<string> {
  const profile = ikev2Profile(site, credentials)
  const { terms, signer } = profileTerms(profile)
  const open: OpenPort[] = []
  const ports = new IkePorts({ openPorts: () => open })
  const datapath = createMemoryDatapath(
    {
      workers: 1,
      onEvents: events => {
        for (const event of events) driver.handleDatapathEvent(event)
      },
    },
    site.network,
  )
  let end: (reason: string) => void = () => undefined
  const ended = new Promise<string>(resolve => {
    end = resolve
  })
  const role = (joined: Ikev2Driver): Ikev2Role => ({
    authenticate: id => joined.reply(id, { type: 'trust' }),
    eapStart: () => undefined,
    eapPacket(session, packet) {
      if (packet[0] !== REQUEST) return
      if (packet[4] === IDENTITY)
        joined.command({ type: 'eap-packet', session, packet: identityResponse(packet[1] as number, name) })
      else if (leaves) joined.command({ type: 'disconnect', session, reason: 'heard enough' })
    },
    eapClose: () => undefined,
    secret: id => joined.reply(id, { type: 'deny', reason: 'a client answers nobody' }),
    flowKind: () => ({}),
    configure: () => undefined,
    flowOpened: () => undefined,
    flowsClosed: () => undefined,
    handleEvent(_session, event) {
      if (event.type === 'refused' || event.type === 'closed') end(event.reason)
    },
  })
  const engine = createIkev2({ crypto: createNodeCrypto(), responder: () => undefined })
  const { sign } = signer
  const options = { engine, datapath, ports, sign, tunnelMtu: () => 1400, clock: systemClock }
  const driver: Ikev2Driver = new Ikev2Driver({ ...options, log: recordingLog().log }, role)
  const { id: port, local } = datapath.openPort({
    address: address('127.0.0.1'),
    port: 0,
    protocol: 'ike-esp',
  })
  open.push({ port, transport: 'udp', service: 'ike-esp', local })
  const path = { port, local, remote: profile.server, encapsulated: true }
  driver.command({ type: 'connect', session: SESSION, path, terms: { ...terms, own: { type: 'eap' } } })
  const reason = await ended
  driver.close()
  datapath.close()
  return reason
}
