import { createNodeCrypto } from '@causeway/crypto-node'
import type { Datapath, PortId } from '@causeway/datapath'
import type { SessionEvent, SessionId } from '@causeway/ikev2'
import { type ConfigurationReply, createIkev2, type Path, type PeerTerms } from '@causeway/ikev2'
import type { IpAddress, IpPrefix } from '@causeway/wire'
import type { Logger } from 'pino'
import type { Clock } from '../engine/clock.ts'
import { IkePorts } from '../ikev2/ike-ports.ts'
import { Ikev2Driver, type Ikev2Role } from '../ikev2/ikev2-driver.ts'
import type { OpenPort } from '../listener/open-port.ts'
import { type Ikev2ClientProfile, profileTerms } from './ikev2-profile.ts'
import { authorityJudge } from './server-judge.ts'

/** What a client driver is made of. */
export interface Ikev2ClientDriverOptions {
  readonly profile: Ikev2ClientProfile
  readonly datapath: Datapath
  readonly clock: Clock
  readonly log: Logger
  /** What goes into the tunnel of every flow. Several flows cannot share it: then none. */
  readonly routes: readonly IpPrefix[]
  readonly onConfiguration: (session: SessionId, configuration: ConfigurationReply) => void
  readonly onEvent: (session: SessionId, event: SessionEvent) => void
}

/** A driver in the initiator's role, and its own port for IKE and ESP. */
export interface Ikev2ClientDriver {
  readonly driver: Ikev2Driver
  readonly terms: PeerTerms
  /** The path to the server from a port of ours. */
  openPath(local: IpAddress): Path
}

/**
 * Joins an engine to a datapath for a profile. It carries any number of sessions, one for each `connect`
 * command. Errors: `X509Error`, `CryptoNodeError`.
 */
export function ikev2ClientDriver(options: Ikev2ClientDriverOptions): Ikev2ClientDriver {
  const { profile, datapath, clock, log } = options
  const { terms, signer } = profileTerms(profile)
  const open: OpenPort[] = []
  const ports = new IkePorts({ openPorts: () => open })
  const engine = createIkev2({ crypto: createNodeCrypto(), responder: () => undefined })
  const tunnelMtu = () => profile.tunnelMtu
  const driver: Ikev2Driver = new Ikev2Driver(
    { engine, datapath, ports, sign: signer.sign, tunnelMtu, clock, log },
    joined => clientRole(options, joined),
  )
  return { driver, terms, openPath: local => openPath(datapath, open, profile, local) }
}

function clientRole(options: Ikev2ClientDriverOptions, driver: Ikev2Driver): Ikev2Role {
  const { profile, datapath, routes, clock } = options
  const judge = authorityJudge(profile.authority, profile.serverName, clock.unixSeconds)
  const noEap = (): never => {
    throw new Error('this client has no EAP')
  }
  return {
    authenticate(id, _session, { peerChain }) {
      const reason = judge(peerChain)
      driver.reply(id, reason === undefined ? { type: 'trust' } : { type: 'deny', reason })
    },
    eapStart: noEap,
    eapPacket: noEap,
    eapClose: noEap,
    configure: options.onConfiguration,
    secret: id => driver.reply(id, { type: 'deny', reason: 'a client answers nobody' }),
    flowKind: () => ({}),
    flowOpened({ flow, remote }) {
      const carried = routes.filter(({ address }) =>
        remote.some(({ start }) => start.family === address.family),
      )
      if (carried.length > 0) datapath.changeRoutes(carried.map(prefix => ({ type: 'add', prefix, flow })))
    },
    flowsClosed: () => undefined,
    handleEvent(session, event) {
      if (session !== undefined) options.onEvent(session, event)
    },
  }
}

function openPath(
  datapath: Datapath,
  open: OpenPort[],
  { server }: Ikev2ClientProfile,
  address: IpAddress,
): Path {
  const { id, local } = datapath.openPort({ address, port: 0, protocol: 'ike-esp' })
  const port: PortId = id
  open.push({ port, transport: 'udp', service: 'ike-esp', local })
  return { port, local, remote: server, encapsulated: true }
}
