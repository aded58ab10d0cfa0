import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Guest } from '../guest/guest.ts'
import { bootGuest, GUEST_BUILD_LIMIT_MS } from '../guest/guest-on-line.ts'
import { delayLine, GuestSstpc } from '../guest/sstpc.ts'
import { type Credential, createAuthority, issue, thumbprint } from '../harness/certificates.ts'
import { type IperfResult, parseIperf } from '../harness/iperf.ts'
import { start } from '../harness/process.ts'
import { applySettings, dial, expectInside } from '../harness/scenario.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { BAD_CERTIFICATES } from './bad-certificates.ts'
import {
  expectCarried,
  issueClient,
  openSstp,
  revoke,
  type SstpScenario,
  sessionsOf,
  startSstpc,
} from './scenario.ts'

// Debian's sstpc and pppd in a Linux of their own, by EAP-TLS. Two clients are idle for a minute while the others come
// and go: one is asked for signs of life by SSTP, one asks for them by LCP. (`sstpc` 1.0.18 never asks by SSTP.)

const IDLE_MS = 61_000
const DNS = ['10.1.0.53', '10.1.0.54']
const MTU = 1_350
const HELLO_SECONDS = 5
/** `debug` once more: only then pppd logs them. */
const ECHOES = ['lcp-echo-interval 5', 'lcp-echo-failure 3', 'debug']
/** Longer than anything here. */
const NEVER_SECONDS = 3_600

let scenario: SstpScenario
let guest: Guest
let idle: Readonly<Record<'asked' | 'asking', GuestSstpc>>
let idleSince: number
let client: GuestSstpc | undefined

beforeAll(async () => {
  scenario = await openSstp(1, settings(HELLO_SECONDS))
  guest = await bootGuest(scenario.topology)
  await delayLine(guest)
  await start('iperf3', ['-s', '--forceflush'], {
    namespace: scenario.topology.inside,
    title: 'iperf3',
  }).waitFor(/listening/)
  const asked = await startIdle('asked', 'ppp1', [])
  await applySettings(scenario.gateway, settings(NEVER_SECONDS))
  const asking = await startIdle('asking', 'ppp2', ECHOES)
  idle = { asked, asking }
  idleSince = performance.now()
}, GUEST_BUILD_LIMIT_MS)

afterAll(async () => {
  await guest?.stop()
  await scenario?.close()
})

afterEach(async () => {
  await client?.stop()
  client = undefined
})

function settings(helloSeconds: number): Parameters<typeof applySettings>[1] {
  return { dns: { servers: DNS, searchDomains: [] }, sstp: { helloSeconds, tunnelMtu: MTU } }
}

async function startIdle(user: string, device: string, peerLines: readonly string[]): Promise<GuestSstpc> {
  const started = await startSstpc(scenario, guest, user, { device, peerLines })
  await started.connected()
  return started
}

describe('a session', () => {
  test('has an address of the pool and the DNS servers, and is listed', async () => {
    client = await startSstpc(scenario, guest, 'alice')
    const lease = await client.connected()
    expect(lease.address).toMatch(/^172\.16\.[0-3]\.\d+$/)
    expect(lease.dnsServers).toEqual(DNS)
    expect(lease.peerMru).toBe(MTU)
    const [session] = await sessionsOf(scenario, 'alice')
    expect(session).toMatchObject({ protocol: 'SSTP', transport: 'tcp', innerAddresses: [lease.address] })
  })

  test('carries every size of packet and a flow in each direction', async () => {
    client = await startSstpc(scenario, guest, 'alice')
    await client.connected()
    const { device } = client
    await guest.runOk(`ip route add ${ADDRESSES.insideNetwork} dev ${device}`)
    for (const bytes of [0, 1_000, MTU - 28, MTU - 27, 4_000]) await expectCarried(guest, { device, bytes })
    for (const direction of ['', '-R']) {
      const result = await iperfInGuest(`-t 1 ${direction}`)
      expect(result.bitsPerSecond, direction).toBeGreaterThan(1e6)
    }
  })

  test('comes about with what `client add` has written', async () => {
    const { directory } = await scenario.gateway.addClient('erin')
    client = await GuestSstpc.startWithProfile(guest, join(directory, 'Sstpc'))
    await client.connected()
    await expectCarried(guest, client)
    expect(await sessionsOf(scenario, 'erin')).toHaveLength(1)
  })

  test('takes all traffic where the client wants that', async () => {
    const all = ['defaultroute', 'replacedefaultroute']
    client = await startSstpc(scenario, guest, 'alice', { peerLines: all, args: ['--save-server-route'] })
    await client.connected()
    expect(await guest.runOk(`ip route get ${ADDRESSES.inside}`)).toContain(` dev ${client.device} `)
    await expectCarried(guest, client)
  })
})

/** An iperf3 test of TCP to the inside host. */
async function iperfInGuest(args: string): Promise<IperfResult> {
  return parseIperf(await guest.runOk(`iperf3 -J -c ${ADDRESSES.inside} --connect-timeout 5000 ${args}`))
}

describe('a session ends', () => {
  const gone = (user: string): Promise<void> =>
    expect.poll(async () => (await sessionsOf(scenario, user)).length, { timeout: 2_000 }).toBe(0)

  test('when the client hangs up', async () => {
    client = await startSstpc(scenario, guest, 'bob')
    await client.connected()
    expect(await sessionsOf(scenario, 'bob')).toHaveLength(1)
    await client.hangUp()
    expect(await client.pppLog()).toContain('rcvd [LCP TermAck')
    await gone('bob')
  })

  test('when the client closes TLS without a word', async () => {
    client = await startSstpc(scenario, guest, 'bob')
    await client.connected()
    await client.stop()
    await gone('bob')
  })

  test('when it is disconnected by its id: the client is told', async () => {
    client = await startSstpc(scenario, guest, 'bob')
    await client.connected()
    const [session] = await sessionsOf(scenario, 'bob')
    await scenario.gateway.cliOk('disconnect', session?.id ?? '')
    await expectTold(client)
    await gone('bob')
  })

  test('when its certificate is revoked, and no other does', async () => {
    const credential = await issueClient(scenario, 'mallory')
    client = await startSstpc(scenario, guest, 'mallory', { credential })
    await client.connected()
    await revoke(scenario, [await thumbprint(credential)])
    await expectTold(client)
    await gone('mallory')
    await scenario.gateway.logged(/mallory.*revoked|revoked.*mallory/i)
    expect(await sessionsOf(scenario, 'asked')).toHaveLength(1)

    const mark = scenario.gateway.process.mark()
    client = await startSstpc(scenario, guest, 'mallory', { credential })
    await expectRefused(client)
    await scenario.gateway.logged(/refused.*revoked/i, 5_000, mark)
  })
})

/** The gateway has ended PPP or SSTP in its own words. */
async function expectTold(told: GuestSstpc): Promise<void> {
  const { log } = await told.ended(3_000)
  expect(`${log}\n${await told.pppLog()}`).toMatch(/DISCONNECT|rcvd \[LCP TermReq/)
}

/** EAP has failed, and no network protocol was opened. */
async function expectRefused(refused: GuestSstpc): Promise<void> {
  await refused.ended()
  const log = await refused.pppLog()
  expect(log).toContain('rcvd [EAP Failure')
  expect(log).not.toContain('[IPCP ConfReq')
}

describe('refused, with a log line that says why:', () => {
  test.each(BAD_CERTIFICATES)('a certificate $name', async ({ make, reason }) => {
    const credential = await make(scenario.root)
    const mark = scenario.gateway.process.mark()
    client = await startSstpc(scenario, guest, credential.commonName, { credential })
    await expectRefused(client)
    expect(await scenario.gateway.logged(reason, 5_000, mark)).toContain('refused')
  })

  test('a client that would sign in by password', async () => {
    const mark = scenario.gateway.process.mark()
    client = await startSstpc(scenario, guest, 'eve', { peerLines: ['refuse-eap', 'password x'] })
    await client.ended()
    expect(await client.pppLog()).not.toContain('[IPCP ConfReq')
    await scenario.gateway.logged(/refused/, 5_000, mark)
  })
})

describe('a client that does not trust the gateway leaves', () => {
  let stranger: Credential

  beforeAll(async () => {
    stranger = await createAuthority('Unrelated Root')
  })

  test('by its TLS', async () => {
    client = await startSstpc(scenario, guest, 'carol', { authority: stranger.certificatePath })
    const { code, log } = await client.ended()
    expect(code).not.toBe(0)
    expect(log).toContain('Verification of server certificate failed')
    expect(await sessionsOf(scenario, 'carol')).toEqual([])
  })

  test('by EAP-TLS inside of it', async () => {
    const mark = scenario.gateway.process.mark()
    client = await startSstpc(scenario, guest, 'carol', { eapAuthority: stranger.certificatePath })
    await expectRefused(client)
    await scenario.gateway.logged(/refused/, 5_000, mark)
    expect(await sessionsOf(scenario, 'carol')).toEqual([])
  })
})

test('OpenVPN over TCP and a browser share the port', async () => {
  const { azure } = await scenario.gateway.addClient('dave')
  const openvpn = dial(scenario, azure, { protocol: 'tcp' })
  await openvpn.connected()
  client = await startSstpc(scenario, guest, 'alice')
  await client.connected()
  await expectInside(openvpn)
  await expectCarried(guest, client)
  const { sessions } = await scenario.gateway.json<{ sessions: { protocol: string }[] }>('sessions')
  expect(new Set(sessions.map(({ protocol }) => protocol))).toEqual(new Set(['OpenVPN', 'SSTP']))
  await openvpn.stop()
})

test('another certificate of the gateway is for clients to come, and no session ends', async () => {
  const serverName = 'vpn.interop.test'
  const root = await createAuthority('Public Root')
  const alternativeNames = [`DNS:${serverName}`, `IP:${ADDRESSES.gateway}`]
  const server = await issue(root, { commonName: serverName, usage: 'serverAuth', alternativeNames })
  const chain = join(scratchDirectory('k'), 'chain.pem')
  const parts = [server, root].map(({ certificatePath }) => readFileSync(certificatePath, 'utf8'))
  writeFileSync(chain, parts.join(''))
  await scenario.gateway.cliOk('certificate', 'set', '--chain', chain, '--key', server.keyPath)
  try {
    const authority = root.certificatePath
    client = await startSstpc(scenario, guest, 'alice', { authority, serverName })
    await client.connected()
    await expectCarried(guest, client)
    await expectCarried(guest, idle.asking)
  } finally {
    await scenario.gateway.cliOk('certificate', 'reset')
  }
})

describe('after a minute of idleness', () => {
  beforeAll(async () => {
    await new Promise(resolve => setTimeout(resolve, IDLE_MS - (performance.now() - idleSince)))
  })

  test.each(['asked', 'asking'] as const)('the client is there that was %s', async name => {
    await expectCarried(guest, idle[name])
  })

  test('the gateway has asked for signs of life, and had them', async () => {
    const log = await idle.asked.log()
    expect(log.match(/RECV SSTP CRTL PKT.*\n.*ECHO REQUEST/g)?.length).toBeGreaterThanOrEqual(10)
    expect(log).toContain('Sending Echo-Reply Message')
  })

  test('the gateway has answered the client that asked', async () => {
    const log = await idle.asking.pppLog()
    const count = (beginning: string): number => log.split(`\n${beginning}`).length - 1
    expect(count('sent [LCP EchoReq')).toBeGreaterThanOrEqual(10)
    expect(count('rcvd [LCP EchoRep')).toBeGreaterThanOrEqual(count('sent [LCP EchoReq') - 1)
  })
})
