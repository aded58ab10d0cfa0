import { createMemoryDatapath } from '@causeway/datapath'
import {
  type CallId,
  parseSstpPacket,
  type SstpEngine,
  type SstpEvent,
  type SstpPacket,
} from '@causeway/sstp'
import { type SstpClientDriver, sstpClientDriver } from '../client/sstp-client-driver.ts'
import { systemClock } from '../engine/clock.ts'
import type { TlsCredentials } from './credentials.suite.ts'
import { sstpProfile } from './sstp-client.suite.ts'
import { recordingLog, type TestGateway } from './test-gateway.suite.ts'

/** A client of any number of calls that keeps back some of what it should send, or sends what it should not. */
export interface HostileSstp extends SstpClientDriver {
  readonly events: SstpEvent['type'][]
  /** Packets of this kind are kept back from now on. */
  keepBack(isKept: (packet: SstpPacket) => boolean): void
  /** How many packets are kept back. */
  kept(): number
  /** Sends what was kept back, and keeps nothing back any more. */
  letGo(): void
  send(call: CallId, ...packets: readonly Uint8Array[]): void
  /** Resets all connections. */
  close(): void
}

/** With this certificate. */
export function hostileSstp(site: TestGateway, credentials: TlsCredentials): HostileSstp {
  const events: SstpEvent['type'][] = []
  const held: [CallId, Uint8Array][] = []
  let isKept: (packet: SstpPacket) => boolean = () => false
  const datapath = createMemoryDatapath(
    {
      workers: 1,
      onEvents: batch => {
        for (const event of batch) client.driver.handleDatapathEvent(event)
      },
    },
    site.network,
  )
  const sieve = (call: CallId, bytes: Uint8Array): boolean => {
    const packet = parseSstpPacket(bytes)
    const keeps = 'frame' in packet || 'message' in packet ? isKept(packet) : false
    if (keeps) held.push([call, bytes])
    return !keeps
  }
  const client = sstpClientDriver({
    profile: sstpProfile(site, credentials),
    datapath,
    clock: systemClock,
    log: recordingLog().log,
    routes: [],
    onEvent: (_call, { type }) => events.push(type),
    alterEngine: engine => sieved(engine, sieve),
  })
  const send = (call: CallId, ...packets: readonly Uint8Array[]): void =>
    datapath.streamControl(call, packets)
  return {
    ...client,
    events,
    send,
    keepBack: next => {
      isKept = next
    },
    kept: () => held.length,
    letGo: () => {
      isKept = () => false
      for (const [call, packet] of held.splice(0)) send(call, packet)
    },
    close: () => {
      client.driver.close()
      datapath.close()
    },
  }
}

/** The first packet of each step of a call, by what it is told. */
export const CALL_STEPS: Readonly<Record<string, (packet: SstpPacket) => boolean>> = {
  'the call': () => true,
  LCP: packet => protocolOf(packet) === 0xc021,
  authentication: packet => protocolOf(packet) === 0xc227,
  IPCP: packet => protocolOf(packet) === 0x8021,
  CALL_CONNECTED: isCallConnected,
}

/** PPP's, behind the address and control that our client never leaves out. */
export function protocolOf(packet: SstpPacket): number | undefined {
  return packet.type === 'data' ? ((packet.frame[2] as number) << 8) | (packet.frame[3] as number) : undefined
}

export function isCallConnected(packet: SstpPacket): boolean {
  return packet.type === 'control' && packet.message.type === 'call-connected'
}

/** An engine of whose packets only those go out that pass. */
function sieved(engine: SstpEngine, passes: (call: CallId, packet: Uint8Array) => boolean): SstpEngine {
  const poll: SstpEngine['poll'] = () => {
    for (let output = engine.poll(); output; output = engine.poll())
      if (output.type !== 'send' || passes(output.call, output.packet)) return output
    return undefined
  }
  return {
    handleDatagram: (datagram, now) => engine.handleDatagram(datagram, now),
    handleCommand: (command, now) => engine.handleCommand(command, now),
    handleTimeout: now => engine.handleTimeout(now),
    nextTimeout: () => engine.nextTimeout(),
    poll,
  }
}
