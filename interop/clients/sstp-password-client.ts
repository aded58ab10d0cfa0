import { createNodeCrypto } from '@causeway/crypto-node'
import { createNativeDatapath, type Datapath } from '@causeway/datapath'
import type { EapPeerReply, EapPeerRequest } from '@causeway/eap'
import { createLog, systemClock, systemCommand } from '@causeway/gateway'
import type { PppKeys } from '@causeway/ppp'
import { type CallId, createSstpEngine, type SstpEvent } from '@causeway/sstp'
import { formatIpAddress, type IpAddress, type IpPrefix, parseIpPrefix } from '@causeway/wire'
import { type DrivenPeer, peer } from '../../packages/eap/src/testing/two-roles.suite.ts'
import { authorityJudge } from '../../packages/gateway/src/client/server-judge.ts'
import { openSstp } from '../../packages/gateway/src/client/sstp-transport.ts'
import { until } from '../../packages/gateway/src/engine/until.ts'
import { SstpDriver, type SstpRole } from '../../packages/gateway/src/sstp/sstp-driver.ts'
import { sstpClientTlsContext } from '../../packages/gateway/src/tls/client-context.ts'
import { respond } from '../radius/mschapv2.ts'
import type { SstpHomePlan } from './sstp-home.ts'

/** Who connects, and where to; `authority` is PEM. */
export interface SstpPasswordPlan extends Omit<SstpHomePlan, 'signIn'> {
  readonly name: string
  readonly password: string
}

const MTU = 1_400
const PORT = 443
const GOODBYE_MS = 1_000
const SETTINGS = {
  authentication: ['eap'],
  tunnelMtu: MTU,
  helloMilliseconds: 60_000,
  negotiationMilliseconds: 60_000,
  ipv4: true,
  ipv6: false,
  name: '',
} as const

/** One call of Causeway's SSTP engine with EAP-MSCHAPv2 in it, which Windows has and Debian's pppd has not. */
export class SstpPasswordClient {
  /** Its end, where it was connected. Errors: why it was refused. */
  readonly done: Promise<void>
  readonly #plan: SstpPasswordPlan
  readonly #connected: () => void
  readonly #datapath: Datapath
  readonly #driver: SstpDriver
  readonly #tun: string
  #isUp = false
  #settle: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined

  constructor(plan: SstpPasswordPlan, connected: () => void) {
    this.#plan = plan
    this.#connected = connected
    const over = new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    this.#datapath = createNativeDatapath({
      workers: 1,
      onEvents: events => {
        for (const event of events) this.#driver.handleDatapathEvent(event)
      },
    })
    const engine = createSstpEngine({
      role: 'client',
      crypto: createNodeCrypto(),
      settings: () => SETTINGS,
    })
    const parts = { engine, datapath: this.#datapath, clock: systemClock, log: createLog('warn', false) }
    this.#driver = new SstpDriver(parts, joined => this.#role(joined))
    this.#tun = this.#datapath.openTun({ name: 'cwsstp%d', mtu: MTU })
    this.done = over.finally(() => this.#close())
    this.#open().catch((error: Error) => this.#settle?.reject(error))
  }

  stop(): void {
    for (const call of this.#driver.calls())
      this.#driver.command({ type: 'disconnect', call, reason: 'the user left' })
  }

  async #open(): Promise<void> {
    const { server, serverName, authority, name } = this.#plan
    const tls = sstpClientTlsContext(serverName)
    const access = {
      profile: {
        server: { address: prefixOf(server).address, port: PORT },
        serverName,
        authority,
        certificate: '',
        privateKey: '',
        tunnelMtu: MTU,
      },
      tls,
      eapTls: tls, // no method here has TLS in it
      judge: authorityJudge(authority, serverName, systemClock.unixSeconds),
      identity: name,
    }
    const { connection, certificate } = await openSstp(access, this.#datapath, gone =>
      this.#driver.removeConnection(gone),
    )
    this.#driver.addConnection(connection, certificate)
  }

  #role(joined: SstpDriver): SstpRole {
    const conversation = new Mschapv2Conversation(this.#plan)
    return {
      eapStart: () => undefined,
      eapPacket: (call, packet) => conversation.handle(joined, call, packet),
      eapClose: () => undefined,
      answer: id => joined.reply(id, { type: 'deny', reason: 'EAP alone' }),
      flowOpened: (_call, flow) =>
        this.#datapath.changeRoutes([{ type: 'add', prefix: prefixOf('0.0.0.0/0'), flow }]),
      flowClosed: () => undefined,
      handleEvent: (_call, event) => this.#handleEvent(event),
    }
  }

  #handleEvent(event: SstpEvent): void {
    if (event.type === 'ipv4-opened')
      this.#configure(event.local).then(this.#connected, (error: Error) => this.#settle?.reject(error))
    else if (event.type === 'closed') {
      if (this.#isUp) this.#settle?.resolve()
      else this.#settle?.reject(new Error(event.reason))
    }
  }

  async #configure(local: IpAddress): Promise<void> {
    const lines = [
      `address add ${formatIpAddress(local)}/32 dev ${this.#tun}`,
      `link set ${this.#tun} up`,
      ...this.#plan.destinations.map(destination => `route add ${destination} dev ${this.#tun}`),
    ]
    await systemCommand('ip', ['-batch', '-'], `${lines.join('\n')}\n`)
    this.#isUp = true
  }

  async #close(): Promise<void> {
    await until(() => this.#driver.quiet, GOODBYE_MS)
    this.#driver.close()
    this.#datapath.close()
  }
}

/** The EAP inside of the call. */
class Mschapv2Conversation {
  readonly #peer: DrivenPeer
  #keys: PppKeys | undefined

  constructor({ name, password }: SstpPasswordPlan) {
    const decide = (request: EapPeerRequest): EapPeerReply => {
      if (request.type !== 'mschapv2-response')
        return { type: 'distrust', reason: `no answer to ${request.type}` }
      const answer = respond(name, password, request.authenticatorChallenge)
      // The gateway's halves, from this end.
      this.#keys = answer.keys && { send: answer.keys.serverReceive, receive: answer.keys.serverSend }
      return answer
    }
    this.#peer = peer({ identity: name, methods: ['mschapv2'], decide })
  }

  handle(driver: SstpDriver, call: CallId, request: Uint8Array): void {
    this.#peer.receive(request.slice())
    for (let packet = this.#peer.take(); packet; packet = this.#peer.take())
      driver.command({ type: 'eap-packet', call, packet })
    const [failure] = this.#peer.of('failure')
    if (failure) driver.command({ type: 'eap-failure', call, reason: failure.reason })
    else if (this.#peer.of('success').length > 0 && this.#keys)
      driver.command({ type: 'eap-success', call, keys: this.#keys })
  }
}

function prefixOf(text: string): IpPrefix {
  const prefix = parseIpPrefix(text.includes('/') ? text : `${text}/32`)
  if (!prefix) throw new Error(`${text} is no address`)
  return prefix
}
