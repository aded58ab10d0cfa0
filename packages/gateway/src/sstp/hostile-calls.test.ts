import { type CallId, writeControlPacket, writeDataPacket } from '@causeway/sstp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clientCredentials } from '../testing/credentials.suite.ts'
import { CALL_STEPS, type HostileSstp, hostileSstp, isCallConnected } from '../testing/hostile-sstp.suite.ts'
import { connectSstp } from '../testing/sstp-client.suite.ts'
import { address, innerPacket, type TestGateway, testGateway } from '../testing/test-gateway.suite.ts'

let site: TestGateway
let alice: HostileSstp

beforeEach(async () => {
  site = await testGateway({ tunnels: new Set(['SSTP']), sessionLimits: { sstp: 1, ikev2OpenVpn: 1 } })
  alice = hostileSstp(site, await clientCredentials(site.authority, 'alice'))
})

afterEach(async () => {
  alice.close()
  await site.stop()
})

const lastLine = (): string => site.messages().at(-1) ?? ''

test('a client that answers nothing leaves the list at once, and gives its address back later', async () => {
  await alice.connect()
  await site.eventually(() => site.gateway.sessions().length === 1)
  alice.keepBack(() => true)
  expect(site.gateway.disconnect(site.gateway.sessions()[0]?.id ?? '')).toBe(true)
  expect(site.gateway.sessions()).toEqual([])
  await expect(alice.connect()).rejects.toThrow('503')
  alice.close()
  await site.eventually(() => lastLine() === 'alice disconnected: disconnected by the operator')
})

test('whoever is revoked between authentication and binding is not let in', async () => {
  alice.keepBack(isCallConnected)
  await alice.connect()
  await site.eventually(() => alice.events.includes('bound'))
  const { certificateAuthentication } = site.configuration
  await site.gateway.apply({
    ...site.configuration,
    certificateAuthentication: { ...certificateAuthentication, roots: [] },
  })
  alice.letGo()
  await site.eventually(() => alice.events.includes('closed'))
  expect(site.gateway.sessions()).toEqual([])
  await site.eventually(() =>
    lastLine().startsWith('client refused: user alice: client certificate refused: it does not'),
  )
})

test('no user data passes before the binding holds, nor a spoofed source after it', async () => {
  alice.keepBack(isCallConnected)
  const call = await alice.connect()
  await site.eventually(() => alice.events.includes('ipv4-opened'))
  const own = innerPacket('10.8.0.2', '10.1.0.1')
  alice.send(call, ipData(own))
  alice.letGo()
  await site.eventually(() => site.gateway.sessions().length === 1)
  expect(site.datapath.tunRead()).toEqual([])
  const spoofed = ['10.8.0.1', '10.8.0.3', '10.1.0.1', '127.0.0.1', '0.0.0.0', '255.255.255.255']
  for (const source of spoofed) alice.send(call, ipData(innerPacket(source, '10.1.0.2')))
  for (const source of ['fd00:8::2', 'fe80::1', '::ffff:10.8.0.2']) alice.send(call, ip6Data(source))
  alice.send(call, ipData(fragment(innerPacket('10.8.0.3', '10.1.0.1'))), ipData(own))
  await site.eventually(() => site.gateway.sessions()[0]?.packetsReceived === 1)
  expect(site.datapath.tunRead()).toEqual([own])
})

const STEPS = Object.keys(CALL_STEPS)

describe.each(STEPS)('a client that comes as far as %s', step => {
  beforeEach(async () => {
    alice.keepBack(CALL_STEPS[step] as (typeof CALL_STEPS)[string])
  })

  const ways: Readonly<Record<string, (call: CallId) => void>> = {
    'closes its connection': () => alice.close(),
    'aborts and leaves': call => {
      alice.send(call, writeControlPacket({ type: 'call-abort' }))
      alice.close()
    },
    'disconnects and leaves': call => {
      alice.send(call, writeControlPacket({ type: 'call-disconnect' }))
      alice.close()
    },
    'sends what is no SSTP': call => alice.send(call, Uint8Array.of(1, 2, 3, 4)),
  }

  test.each(Object.keys(ways))('and %s leaves no address behind', async way => {
    const call = await alice.connect()
    await site.eventually(() => alice.kept() > 0)
    ways[way]?.(call)
    await site.eventually(() => site.messages().some(text => text.startsWith('client refused')))
    const bob = await connectSstp(site, 'bob')
    expect(site.gateway.sessions().map(({ user }) => user)).toEqual(['bob'])
    await bob.vpn.stop()
  })

  test('does not hold up the gateway’s stop', async () => {
    await alice.connect()
    await site.eventually(() => alice.kept() > 0)
    await site.gateway.stop()
    expect(site.gateway.sessions()).toEqual([])
  })
})

function ipData(packet: Uint8Array): Uint8Array {
  return writeDataPacket(Uint8Array.of(0xff, 3, 0, 0x21, ...packet))
}

/** A bare IPv6 packet (RFC 8200 §3) without a payload. */
function ip6Data(source: string): Uint8Array {
  const header = [0x60, 0, 0, 0, 0, 0, 59, 64]
  return writeDataPacket(
    Uint8Array.of(0xff, 3, 0, 0x57, ...header, ...address(source).bytes, ...address('fd00:1::1').bytes),
  )
}

/** The same as a fragment that is not the first. */
function fragment(packet: Uint8Array): Uint8Array {
  const copy = packet.slice()
  copy[7] = 1
  return copy
}
