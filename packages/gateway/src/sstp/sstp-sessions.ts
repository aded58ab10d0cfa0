import type { Datapath, FlowCounters, FlowId } from '@causeway/datapath'
import type { EapAuthenticatorSuccess } from '@causeway/eap'
import { eapTlsKeys, type PppReply, type PppRequest } from '@causeway/ppp'
import type { CallId, CertificateHashes, SstpEvent, SstpFlowTerms } from '@causeway/sstp'
import { ipPrefix, utf8Text } from '@causeway/wire'
import type { Logger } from 'pino'
import type { PeerPlace, Verdict } from '../authentication/identity.ts'
import { refusalReason } from '../eap/claimed-name.ts'
import { admitProven, certificateCredentials, type EapAccess } from '../eap/eap-access.ts'
import { EapTable } from '../eap/eap-table.ts'
import type { RelayedVerdict } from '../eap/sign-in-relay.ts'
import type { Clock } from '../engine/clock.ts'
import type { StreamConnection } from '../listener/stream-connection.ts'
import type { GatewayObserver } from '../observation/index.ts'
import type { Admission, AdmittedGuest } from '../session/admission.ts'
import { SessionLog } from '../session/session-log.ts'
import type { SessionTable } from '../session/session-table.ts'
import { limitReach } from '../session/user-plan.ts'
import { type Caller, newCaller } from './caller.ts'
import { SessionEntry } from './session-entry.ts'
import type { SstpDriver, SstpRole } from './sstp-driver.ts'

/** What the sessions need of the gateway around them. */
export interface SstpSessionsOptions {
  readonly admission: Admission
  readonly table: SessionTable
  readonly datapath: Datapath
  readonly eap: EapAccess
  readonly observer: GatewayObserver
  readonly clock: Clock
  readonly log: Logger
}

/** The life of SSTP sessions on the gateway's side: door, session list, log, address. */
export class SstpSessions implements SstpRole {
  readonly #options: SstpSessionsOptions
  readonly #driver: SstpDriver
  readonly #log: SessionLog
  readonly #eap: EapTable<CallId>
  readonly #callers = new Map<CallId, Caller>()

  constructor(options: SstpSessionsOptions, driver: SstpDriver) {
    this.#options = options
    this.#driver = driver
    this.#log = new SessionLog(options.log, 'SSTP', options.observer)
    this.#eap = new EapTable(options.eap)
  }

  /** A call was opened by HTTP. */
  addConnection(connection: StreamConnection, certificate: CertificateHashes, cipher: string): void {
    this.#callers.set(connection.stream, newCaller(connection, cipher))
    this.#driver.addConnection(connection, certificate)
  }

  /** Who came no further than TLS or HTTP. */
  refused(outer: Caller['outer'], reason: string): void {
    this.#log.refused(outer, reason)
  }

  /** Ends all sessions; the peers are told. */
  endAll(reason: string): void {
    for (const call of [...this.#callers.keys()]) this.#driver.command({ type: 'disconnect', call, reason })
  }

  eapStart(call: CallId): void {
    const caller = this.#callers.get(call)
    if (!caller) return
    this.#eap.start(call, {
      place: caller.place,
      claimed: identity => {
        caller.claimed = identity
      },
      judge: peerChain => this.#judge(caller.place, peerChain),
      send: packet => this.#driver.command({ type: 'eap-packet', call, packet }),
      denied: reason => {
        caller.denial = reason
      },
      succeeded: (success, packet, relayed) => this.#eapSucceeded(call, caller, success, packet, relayed),
      failed: (reason, packet) =>
        this.#driver.command({ type: 'eap-failure', call, reason, ...(packet && { packet }) }),
      defect: error => this.#options.log.error({ err: error }, 'authentication failed on our side'),
    })
  }

  eapPacket(call: CallId, packet: Uint8Array): void {
    this.#eap.handlePacket(call, packet)
  }

  eapClose(call: CallId): void {
    this.#eap.close(call)
  }

  answer(id: number, call: CallId, request: PppRequest): void {
    this.#decide(call, request).then(
      reply => this.#driver.reply(id, reply),
      error => {
        this.#options.log.error({ err: error }, 'authentication failed on our side')
        this.#driver.reply(id, { type: 'deny', reason: 'the gateway has a fault' })
      },
    )
  }

  flowOpened(call: CallId, flow: FlowId, terms: SstpFlowTerms): void {
    const caller = this.#callers.get(call)
    if (!caller?.guest) return
    caller.flow = flow
    const { guest } = caller
    if (this.#isWithdrawn(call, caller, guest)) return
    const { ipv4 } = guest.lease
    const { datapath } = this.#options
    limitReach(datapath, flow, guest)
    if (ipv4) datapath.changeRoutes([{ type: 'add', prefix: ipPrefix(ipv4.address), flow }])
    const startedAt = Math.floor(this.#options.clock.unixSeconds())
    const entry = new SessionEntry({ driver: this.#driver, call, caller, guest, startedAt })
    this.#options.table.add(entry)
    caller.listed = true
    const { bound, software, cipher } = caller
    const binding = bound && { hash: bound.hash, keyed: bound.keyed, authentication: bound.authentication }
    this.#log.connected(entry, { cipher, software, binding, mtu: terms.mtu })
  }

  flowClosed(call: CallId, counters: FlowCounters): void {
    const caller = this.#callers.get(call)
    if (!caller) return
    caller.flow = undefined
    caller.counters = counters
    // Nothing passes any more, however long the peer takes to say goodbye.
    this.#options.table.unlist(caller.id)
    this.#settle(call, caller)
  }

  handleEvent(call: CallId, event: SstpEvent): void {
    const caller = this.#callers.get(call)
    if (!caller) return
    switch (event.type) {
      case 'bound':
        caller.bound = event
        return
      case 'identification':
        this.#identified(caller, event.text)
        return
      case 'dropped':
        this.#log.dropped(caller.id, event)
        return
      case 'closed':
        this.#closed(call, caller, event)
        return
      case 'authenticated':
      case 'ipv4-opened':
      case 'ipv6-opened':
        return
      default:
        event satisfies never
    }
  }

  /** Logs what is still unlogged. Call it when nobody is let in any more. */
  close(): void {
    this.#eap.closeAll()
    this.#log.close()
  }

  #decide(call: CallId, request: PppRequest): Promise<PppReply> {
    const caller = this.#callers.get(call)
    if (!caller) return Promise.resolve({ type: 'deny', reason: 'the connection has ended' })
    if (request.type === 'network') return this.#admit(caller)
    if (request.type === 'chap-mschapv2') return this.#judgeMschapv2(caller, request)
    return Promise.resolve({ type: 'deny', reason: 'no server for passwords in the clear is configured' })
  }

  async #judgeMschapv2(
    caller: Caller,
    request: Extract<PppRequest, { readonly type: 'chap-mschapv2' }>,
  ): Promise<PppReply> {
    const relay = this.#options.eap.relay(caller.place)
    if (!relay) return { type: 'deny', reason: 'no server for passwords is configured' }
    const { verdict, authenticatorResponse, keys, error } = await relay.mschapv2({
      username: utf8Text(request.username),
      identifier: request.identifier,
      challenge: request.authenticatorChallenge,
      peerChallenge: request.peerChallenge,
      ntResponse: request.ntResponse,
    })
    if (verdict.type === 'deny') {
      caller.denial = verdict.reason
      return { type: 'deny', reason: verdict.reason, ...(error !== undefined && { mschapv2Error: error }) }
    }
    if (authenticatorResponse === undefined) {
      return {
        type: 'deny',
        reason: 'the RADIUS server has not proven to the client that it knows the password',
      }
    }
    caller.proof = { type: 'relayed', relayed: { verdict, keys } }
    return { type: 'allow', authenticatorResponse, keys }
  }

  async #admit(caller: Caller): Promise<PppReply> {
    const { admission } = this.#options
    const { admitted, credentials } = await admitProven(admission, caller.place, caller.proof, DEVICE)
    if (admitted.type === 'deny') return { type: 'deny', reason: admitted.reason }
    const { identity, terms, judgedBy, plan, lease } = admitted
    const refusal = caller.ended ? 'the connection has ended' : noIpv4(lease.ipv4)
    if (refusal !== undefined) {
      admission.leave(lease, 'SSTP')
      return { type: 'deny', reason: refusal }
    }
    caller.guest = { identity, terms, judgedBy, plan, lease, credentials }
    const { dnsServers } = plan.network
    const ipv4 = lease.ipv4 && { local: lease.ipv4.gateway, peer: lease.ipv4.address, dnsServers }
    return { type: 'network', network: { ...(ipv4 && { ipv4 }) } }
  }

  /** Between authentication and binding the peer chooses how long it takes, and the policy may have changed. */
  #isWithdrawn(call: CallId, caller: Caller, guest: AdmittedGuest): boolean {
    const withdrawal = this.#options.admission.withdrawal(guest)
    if (!withdrawal) return false
    caller.denial = withdrawal.reason
    this.#driver.command({ type: 'disconnect', call, reason: withdrawal.userReason })
    return true
  }

  #judge(place: PeerPlace, peerChain: readonly Uint8Array[]): Promise<Verdict> {
    return this.#options.admission.judge(certificateCredentials(place, peerChain))
  }

  #eapSucceeded(
    call: CallId,
    caller: Caller,
    { msk, peerChain = [] }: EapAuthenticatorSuccess,
    packet: Uint8Array,
    relayed: RelayedVerdict | undefined,
  ): void {
    caller.proof = relayed ? { type: 'relayed', relayed } : { type: 'certificate', peerChain }
    const keys = relayed ? relayed.keys : msk && eapTlsKeys(msk, 'server')
    this.#driver.command({ type: 'eap-success', call, packet, keys })
  }

  /** Windows sends two: its software, and the machine's name. */
  #identified(caller: Caller, text: string): void {
    const software = caller.software === '' ? text : `${caller.software} ${text}`
    caller.software = software.slice(0, SOFTWARE_LENGTH)
  }

  #closed(call: CallId, caller: Caller, event: Extract<SstpEvent, { readonly type: 'closed' }>): void {
    const { id, outer, guest, counters } = caller
    if (event.byPeer) this.#options.table.explain(id, 'user-request')
    if (caller.listed) {
      const user = guest?.identity.user ?? 'a client'
      this.#log.closed({ id, outer, user, reason: event.reason, byPeer: event.byPeer, counters })
    } else {
      const why = refusalReason(caller, event.reason)
      // Who held an address without ever being listed.
      this.#log.refused(outer, guest ? `user ${guest.identity.user}: ${why}` : why)
    }
    caller.ended = true
    this.#eap.close(call)
    this.#settle(call, caller)
  }

  /** The address goes back when the call has ended and its flow is closed, whichever came first. */
  #settle(call: CallId, caller: Caller): void {
    if (!caller.ended || caller.flow !== undefined) return
    this.#callers.delete(call)
    this.#options.table.remove(caller.id)
    if (caller.guest) this.#options.admission.leave(caller.guest.lease, 'SSTP')
  }
}

/** A PPP client says nothing that would tell one device of a user from another. */
const DEVICE = 'sstp'
const SOFTWARE_LENGTH = 128

function noIpv4(ipv4: object | undefined): string | undefined {
  return ipv4 ? undefined : 'the address pool has no IPv4, and SSTP carries nothing else'
}
