import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Credential, issue } from '../harness/certificates.ts'
import type { Namespace } from '../harness/namespace.ts'
import type { OpenVpnClient } from '../harness/openvpn-client.ts'
import { ping } from '../harness/ping.ts'
import { withCredential } from '../harness/profile.ts'
import { type DialOptions, dial, expectInside } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { CHILD } from '../ikev2/road-warrior.ts'
import { gatewayAuthority, startClient } from '../ikev2/scenario.ts'
import { type GroupScenario, holdGroups, openGroups, PARTNERS_HOST, startSstp } from './scenario.ts'

let scenario: GroupScenario

beforeAll(async () => {
  scenario = await openGroups()
})

afterAll(() => scenario?.close())

describe('by certificate over OpenVPN', () => {
  let staff: OpenVpnClient
  let partner: OpenVpnClient

  beforeAll(async () => {
    staff = await openVpnClient('alice@staff.example')
    partner = await openVpnClient('bob@partners.example', { at: 1 })
    await Promise.all([staff.connected(), partner.connected()])
  })

  afterAll(async () => {
    await Promise.all([staff, partner].map(client => client?.process.stop()))
  })

  test('each group has addresses of its own pool, its routes and its DNS', () => {
    expect(staff.lease().address).toMatch(/^172\.17\.0\./)
    expect(staff.lease().reply).toContain('route 10.1.0.0 255.255.255.0')
    expect(partner.lease().address).toMatch(/^172\.18\.0\./)
    expect(partner.lease().reply).toContain(`route ${PARTNERS_HOST} 255.255.255.255`)
    expect(partner.lease().reply).not.toContain('10.1.0.0')
    expect(partner.lease().reply).toContain(`dhcp-option DNS ${PARTNERS_HOST}`)
  })

  test('what a group may not reach it does not, whatever routes a client makes', async () => {
    await expectInside(staff)
    await expectInside(staff, PARTNERS_HOST)
    await expectInside(partner, PARTNERS_HOST)
    expect(await echoes(partner, ADDRESSES.inside)).toBe(0)
  })

  test('the session list names the group', async () => {
    const { sessions } = await scenario.gateway.json<{ sessions: { user: string; group: string }[] }>(
      'sessions',
    )
    expect(sessions.map(({ user, group }) => [user, group]).sort()).toEqual([
      ['alice@staff.example', 'staff'],
      ['bob@partners.example', 'partners'],
    ])
    expect(await scenario.gateway.cliOk('sessions')).toMatch(/ID +USER +GROUP +PROTOCOL/)
  })

  test('a user has so many devices, and a device that comes anew takes its own place', async () => {
    const mark = scenario.gateway.process.mark()
    const second = await openVpnClient('bob@partners.example', { at: 2 })
    await second.process.waitFor(/AUTH_FAILED.*as many devices as you may be/)
    await scenario.gateway.logged(
      /user bob@partners\.example is connected from 1 device, and may be from 1/,
      5_000,
      mark,
    )
    await second.process.stop()

    const anew = await openVpnClient('bob@partners.example', { at: 1 })
    expect((await anew.connected()).address).toMatch(/^172\.18\.0\./)
    await partner.process.waitFor(/Halt command/)
    partner = anew
    await expectInside(partner, PARTNERS_HOST)
  })

  test('whose group becomes another comes anew, and the others do not notice', async () => {
    const mark = staff.process.mark()
    await holdGroups(scenario, { staffDomain: 'engineers.example' })
    expect((await staff.connected(20_000, mark)).address).toMatch(/^172\.18\.0\./)
    expect(await echoes(staff, ADDRESSES.inside)).toBe(0)
    await expectInside(partner, PARTNERS_HOST)
    const again = staff.process.mark()
    await holdGroups(scenario, {})
    expect((await staff.connected(20_000, again)).address).toMatch(/^172\.17\.0\./)
    expect(partner.process.log().match(/Initialization Sequence Completed/g)).toHaveLength(1)
  })

  test('the time of a group ends the sessions of its users alone', async () => {
    const mark = scenario.gateway.process.mark()
    await holdGroups(scenario, { staffSeconds: 1 })
    await scenario.gateway.logged(/the time of the session is over/, 10_000, mark)
    await staff.process.waitFor(/AUTH_FAILED/)
    await expectInside(partner, PARTNERS_HOST)
    await holdGroups(scenario, {})
  })
})

test('over IKEv2 the selectors are those of the group', async () => {
  const credential = await issue(scenario.root, { commonName: 'carol@partners.example' })
  const client = await startClient(
    { ...scenario, alice: credential },
    { trusts: [gatewayAuthority(scenario)] },
  )
  await client.initiate(CHILD)
  const { children } = await client.sa()
  expect(children[0]?.remoteSelectors).toContain(`${PARTNERS_HOST}/32`)
  expect(children[0]?.remoteSelectors).not.toContain(ADDRESSES.insideNetwork)
  await expectInside(client, PARTNERS_HOST)
  expect(await echoes(client, ADDRESSES.inside)).toBe(0)
})

test('over SSTP the gateway holds the user to the group', async () => {
  const client = await startSstp(scenario, 'dave@partners.example')
  const namespace = scenario.topology.clients.at(-1)!
  expect(await echoes({ namespace }, PARTNERS_HOST)).toBe(COUNT)
  expect(await echoes({ namespace }, ADDRESSES.inside)).toBe(0)
  await client.stop()
})

const COUNT = 3

async function echoes(
  { namespace, device }: { readonly namespace: Namespace; readonly device?: string },
  address: string,
): Promise<number> {
  const { received } = await ping(namespace, address, {
    count: COUNT,
    ...(device === undefined ? {} : { device }),
  })
  return received
}

const credentials = new Map<string, Credential>()

/** One user has one certificate, on all devices. */
async function openVpnClient(commonName: string, options: DialOptions = {}): Promise<OpenVpnClient> {
  const { root, keyPath, profile } = scenario
  const credential = credentials.get(commonName) ?? (await issue(root, { commonName, keyPath }))
  credentials.set(commonName, credential)
  const edit = withCredential(credential)
  return dial(scenario, profile, { edit, args: ['--push-peer-info'], ...options })
}
