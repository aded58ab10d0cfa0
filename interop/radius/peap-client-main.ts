import { readFileSync } from 'node:fs'
import { createNodeCrypto } from '@causeway/crypto-node'
import { createNativeDatapath } from '@causeway/datapath'
import { EAP_CODES } from '@causeway/eap'
import { createLog, type Ikev2ClientProfile, systemClock } from '@causeway/gateway'
import { createIkev2, type SessionEvent } from '@causeway/ikev2'
import { profileTerms } from '../../packages/gateway/src/client/ikev2-profile.ts'
import { authorityJudge } from '../../packages/gateway/src/client/server-judge.ts'
import { until } from '../../packages/gateway/src/engine/until.ts'
import { IkePorts } from '../../packages/gateway/src/ikev2/ike-ports.ts'
import { Ikev2Driver, type Ikev2Role } from '../../packages/gateway/src/ikev2/ikev2-driver.ts'
import type { OpenPort } from '../../packages/gateway/src/listener/open-port.ts'
import { EapolPeer } from '../harness/eapol-peer.ts'
import { endpoint, ipAddress } from './own-client.ts'
import type { PeapPlan } from './peap-client.ts'

// peap-client-main.ts PLAN: Causeway's own IKEv2 client, whose EAP is that of `eapol_test`. Prints `connected` when its
// Child SA stands, or `refused` with the reason, and stays until it is ended.

const SESSION = 1
const NAT_PORT = 4500
const MTU = 1_400
const GOODBYE_MS = 1_000

const plan = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as PeapPlan
const profile: Ikev2ClientProfile = {
  server: endpoint(plan.server, NAT_PORT),
  serverName: plan.serverName,
  authority: readFileSync(plan.authority, 'utf8'),
  certificate: readFileSync(plan.certificate, 'utf8'),
  privateKey: readFileSync(plan.privateKey, 'utf8'),
  ikeSuites: [{ encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA384', group: 'ECP-384' }],
  espSuites: [{ encryption: 'AES-GCM-16-256' }],
  forceEncapsulation: true,
  tunnelMtu: MTU,
}
const { terms, signer } = profileTerms(profile)
const peer = await EapolPeer.start(plan.user)
const open: OpenPort[] = []
const datapath = createNativeDatapath({
  workers: 1,
  onEvents: events => {
    for (const event of events) driver.handleDatapathEvent(event)
  },
})
const driver: Ikev2Driver = new Ikev2Driver(
  {
    engine: createIkev2({ crypto: createNodeCrypto(), responder: () => undefined }),
    datapath,
    ports: new IkePorts({ openPorts: () => open }),
    sign: signer.sign,
    tunnelMtu: () => MTU,
    clock: systemClock,
    log: createLog('warn', false),
  },
  clientRole,
)
const { id: port, local } = datapath.openPort({
  address: ipAddress(plan.local),
  port: 0,
  protocol: 'ike-esp',
})
open.push({ port, transport: 'udp', service: 'ike-esp', local })
const path = { port, local, remote: profile.server, encapsulated: true }
driver.command({ type: 'connect', session: SESSION, path, terms: { ...terms, own: { type: 'eap' } } })
process.on('SIGTERM', () => void leave())

function clientRole(joined: Ikev2Driver): Ikev2Role {
  const judge = authorityJudge(profile.authority, profile.serverName, systemClock.unixSeconds)
  return {
    authenticate(id, _session, { peerChain }) {
      const reason = judge(peerChain)
      joined.reply(id, reason === undefined ? { type: 'trust' } : { type: 'deny', reason })
    },
    eapStart: () => undefined,
    eapPacket(session, packet) {
      if (packet[0] === EAP_CODES.SUCCESS) joined.command({ type: 'eap-success', session, msk: peer.msk })
      else void respond(session, packet.slice())
    },
    eapClose: () => peer.stop(),
    secret: id => joined.reply(id, { type: 'deny', reason: 'a client answers nobody' }),
    flowKind: () => ({}),
    configure: () => undefined,
    flowOpened: () => undefined,
    flowsClosed: () => undefined,
    handleEvent: (_session, event) => tell(event),
  }
}

async function leave(): Promise<void> {
  driver.command({ type: 'disconnect', session: SESSION, reason: 'the client was stopped' })
  await until(() => driver.quiet, GOODBYE_MS)
  process.exit(0)
}

async function respond(session: number, request: Uint8Array): Promise<void> {
  driver.command({ type: 'eap-packet', session, packet: await peer.respond(request) })
}

function tell(event: SessionEvent): void {
  if (event.type === 'child-established') console.log('connected')
  if (event.type === 'refused') console.log(`refused ${event.reason}`)
}
