import type { ClientProtocol } from '@causeway/api-contract'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { issue } from '../harness/certificates.ts'
import { type AccountingEntry, attributeOf } from '../harness/freeradius-records.ts'
import { OpenVpnUser } from '../harness/openvpn-management.ts'
import { applyGateway, applySettings, dial, expectInside } from '../harness/scenario.ts'
import { ADDRESSES, clientAddress } from '../harness/topology.ts'
import { withGroups } from './groups.ts'
import { ikeUser } from './ike-user.ts'
import { dialAs } from './login.ts'
import {
  ALICE,
  ALICE_PASSWORD,
  BOB_CODE,
  BOB_PASSWORD,
  FRIDA_ADDRESS,
  FRIDA_ADDRESS6,
  FRIDA_PASSWORD,
  SALES_GROUP,
  SECRET,
} from './people.ts'
import { openRadius, type RadiusScenario, radiusDocument, sessionsOf, startInside } from './scenario.ts'

// What FreeRADIUS is told of a client before it decides, and what its accept gives.

const PROTOCOLS: readonly ClientProtocol[] = ['OpenVPN', 'IkeV2']

/** Two devices are told apart by their network cards. */
const TELLING = ['--push-peer-info']

let scenario: RadiusScenario

beforeAll(async () => {
  scenario = await openRadius({ clients: 2, protocols: PROTOCOLS })
})

afterAll(() => scenario?.close())

describe('a question tells', () => {
  /** Of the last Access-Request. */
  function asked(): (name: string) => string | undefined {
    const entry: AccountingEntry = scenario.primary.questions().at(-1) ?? new Map()
    return name => attributeOf(entry, name)
  }

  test('of OpenVPN where the client is, and what it has reached', async () => {
    await dialAs(scenario, 'alice', ALICE_PASSWORD).connected()
    const [session] = await sessionsOf(scenario, ALICE)
    const told = asked()
    expect(told('Calling-Station-Id')).toBe(clientAddress(0))
    expect(told('Called-Station-Id')).toBe(ADDRESSES.gateway)
    expect(told('NAS-IP-Address')).toBe(ADDRESSES.insideGateway)
    expect(told('NAS-Identifier')).toBe('interop')
    expect(told('NAS-Port-Id')).toBe(session?.id)
    expect(Number(told('NAS-Port'))).toBe(Number.parseInt(session?.id.slice(0, 8) ?? '', 16))
    expect([told('Service-Type'), told('Framed-Protocol')]).toEqual(['Framed-User', 'PPP'])
    expect([told('NAS-Port-Type'), told('Connect-Info')]).toEqual(['Virtual', 'OpenVPN'])
    expect(told('MS-Network-Access-Server-Type')).toBe('Remote-Access-Server')
  })

  test('of IKEv2 the same, and that it is IPsec', async () => {
    const user = { auth: 'eap-mschapv2', identity: 'alice', password: ALICE_PASSWORD } as const
    await (await ikeUser(scenario, user)).initiate('inside')
    const [session] = await sessionsOf(scenario, ALICE)
    const told = asked()
    expect(told('Calling-Station-Id')).toBe(clientAddress(0))
    expect(told('Called-Station-Id')).toBe(ADDRESSES.gateway)
    expect(told('NAS-Port-Id')).toBe(session?.id)
    expect([told('Tunnel-Type:0'), told('Tunnel-Medium-Type:0')]).toEqual(['ESP', 'IPv4'])
    expect(told('Tunnel-Client-Endpoint:0')).toBe(clientAddress(0))
  })
})

test('a server is asked over IPv6, and told the address of that way', async () => {
  const server = await startInside(scenario, scenario.certificates, ADDRESSES.inside6, {
    peers: [{ prefix: ADDRESSES.insideGateway6, secret: SECRET }],
  })
  onTestFinished(() => server.stop())
  const servers = [ADDRESSES.inside6]
  await applyGateway(scenario.gateway, radiusDocument(scenario, PROTOCOLS, { servers }))
  onTestFinished(() => applyGateway(scenario.gateway, radiusDocument(scenario, PROTOCOLS)))
  await dialAs(scenario, 'alice', ALICE_PASSWORD).connected()
  const question = server.questions().at(-1) ?? new Map()
  expect(attributeOf(question, 'NAS-IPv6-Address')).toBe(ADDRESSES.insideGateway6)
  expect(attributeOf(question, 'NAS-IP-Address')).toBeUndefined()
})

test("IKEv2 is signed in to by EAP alone: a certificate of the servers' own authority counts for nothing", async () => {
  const credential = await issue(scenario.certificates.authority, { commonName: 'carol', key: 'ecp-256' })
  const mark = scenario.gateway.process.mark()
  const client = await ikeUser(scenario, { auth: 'pubkey', identity: 'carol', credential })
  expect((await client.attempt('inside')).code).not.toBe(0)
  await scenario.gateway.logged(
    /refused: the peer brought a certificate \(AUTH method \d+\); IKEv2 accepts: EAP/,
    5_000,
    mark,
  )
})

describe('an accept gives', () => {
  test('the addresses that it names; a route behind the client it asks for in vain', async () => {
    const mark = scenario.gateway.process.mark()
    const client = dialAs(scenario, 'frida', FRIDA_PASSWORD)
    expect((await client.connected()).address).toBe(FRIDA_ADDRESS)
    await expectInside(client)
    const [session] = await sessionsOf(scenario, 'frida')
    expect(session?.innerAddresses).toEqual([FRIDA_ADDRESS, FRIDA_ADDRESS6])
    await scenario.gateway.logged(/RADIUS server 10\.1\.0\.10 sends Framed-Route/, 5_000, mark)
  })

  test('them to one device at a time', async () => {
    const first = dialAs(scenario, 'frida', FRIDA_PASSWORD, { args: TELLING })
    await first.connected()
    const mark = scenario.gateway.process.mark()
    const second = dialAs(scenario, 'frida', FRIDA_PASSWORD, { args: TELLING, at: 1 })
    await second.waitFor(/AUTH_FAILED/)
    await scenario.gateway.logged(/refused: user frida: 172\.16\.1\.99 .* is in use/, 5_000, mark)
    expect(await sessionsOf(scenario, 'frida')).toHaveLength(1)
    await expectInside(first)
  })

  test('a policy group by MS-Azure-Policy-ID, and by Filter-Id where a group has that name', async () => {
    const sales = { policyId: SALES_GROUP, network: 1 }
    const pools = async (groups: Parameters<typeof withGroups>[1]): Promise<string> => {
      await applyGateway(scenario.gateway, withGroups(radiusDocument(scenario, PROTOCOLS), groups))
      const client = dialAs(scenario, 'alice', ALICE_PASSWORD)
      const { address } = await client.connected()
      await client.stop()
      return address
    }
    expect(await pools({ sales })).toMatch(/^172\.17\.1\./)
    expect(await pools({ sales, Staff: { network: 2 } })).toMatch(/^172\.17\.2\./)
    await applyGateway(scenario.gateway, radiusDocument(scenario, PROTOCOLS))
  })
})

describe('a change of configuration', () => {
  test('leaves a question open that a user has not answered yet, and renames the gateway at once', async () => {
    let changed: Promise<void> | undefined
    const user = await OpenVpnUser.sit({
      name: 'bob',
      answer: async ({ challenge }) => {
        if (challenge === undefined) return BOB_PASSWORD
        changed ??= applySettings(scenario.gateway, { radius: { nasIdentifier: 'renamed' } })
        await changed
        return BOB_CODE
      },
    })
    onTestFinished(() => user.leave())
    const client = dial(scenario, scenario.profiles.azure, { protocol: 'tcp', args: user.args })
    onTestFinished(() => client.stop())
    await client.connected()
    const names = scenario.primary.questions().map(entry => attributeOf(entry, 'NAS-Identifier'))
    expect(names.slice(-2)).toEqual(['interop', 'renamed'])
    expect(await sessionsOf(scenario, 'bob')).toHaveLength(1)
  })
})
