import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bootGuest, GUEST_BUILD_LIMIT_MS } from '../guest/guest-on-line.ts'
import { delayLine, GuestSstpc } from '../guest/sstpc.ts'
import { attributeOf } from '../harness/freeradius-records.ts'
import { applyGateway, applySettings, expectInside } from '../harness/scenario.ts'
import { Slapd } from '../harness/slapd.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { expectCarried } from '../sstp/scenario.ts'
import { withGroups } from './groups.ts'
import { ikeUser } from './ike-user.ts'
import { dialAs } from './login.ts'
import { ntHash } from './mschapv2.ts'
import { ALICE, ALICE_PASSWORD, SALES_GROUP } from './people.ts'
import { openRadius, type RadiusScenario, radiusDocument, sessionsOf } from './scenario.ts'
import { sstpProfile } from './sstp-profile.ts'

// Users of a directory with Active Directory's names, which FreeRADIUS asks: OpenLDAP. Its groups are policy groups.

const PROTOCOLS = ['OpenVPN', 'IkeV2', 'SSTP'] as const
const MARTA = 'marta@corp.example'
const MARTA_PASSWORD = 'Umlaut ä, and "quotes"'
const SALES_ADDRESS = /^172\.17\.1\./

let directory: Slapd
let scenario: RadiusScenario

beforeAll(async () => {
  scenario = await openRadius({
    protocols: PROTOCOLS,
    servers: () => {
      const ldap = { url: `ldap://${ADDRESSES.inside}:389`, policyIds: { 'vpn-sales': SALES_GROUP } }
      return [{ ldap }, { ldap }]
    },
    directory: async ({ topology }) => {
      directory = await Slapd.start({
        namespace: topology.inside,
        address: ADDRESSES.inside,
        ntHash,
        users: [
          { account: 'alice', password: ALICE_PASSWORD, groups: ['vpn-sales', 'cooks'] },
          { account: 'marta', password: MARTA_PASSWORD, groups: ['cooks'] },
        ],
      })
    },
  })
  const groups = { sales: { policyId: SALES_GROUP, network: 1 } }
  await applyGateway(scenario.gateway, withGroups(radiusDocument(scenario, PROTOCOLS), groups))
})

afterAll(async () => {
  await directory?.stop()
  await scenario?.close()
})

async function innerAddress(user: string): Promise<string> {
  const [session, ...more] = await sessionsOf(scenario, user)
  expect(more).toEqual([])
  return session?.innerAddresses[0] ?? ''
}

describe('OpenVPN, whose password the directory itself tries', () => {
  test.each(['alice', 'alice@corp.example', 'CORP\\alice', 'ALICE@CORP.EXAMPLE'])(
    'lets %s in',
    async name => {
      const client = dialAs(scenario, name, ALICE_PASSWORD)
      const { address } = await client.connected()
      await expectInside(client)
      expect(await innerAddress(ALICE)).toBe(address)
      expect(address).toMatch(SALES_ADDRESS)
    },
  )

  test('gives whom no group names the pool of everybody', async () => {
    const client = dialAs(scenario, 'marta', MARTA_PASSWORD)
    expect((await client.connected()).address).toMatch(/^172\.16\./)
    expect(await innerAddress(MARTA)).toMatch(/^172\.16\./)
  })

  test.each([
    ['alice', MARTA_PASSWORD],
    ['nobody', ALICE_PASSWORD],
    ['*', ALICE_PASSWORD],
    ['alice)(cn=*', ALICE_PASSWORD],
  ])('refuses %s', async (name, password) => {
    await dialAs(scenario, name, password).waitFor(/AUTH_FAILED/)
    expect(await sessionsOf(scenario, ALICE)).toEqual([])
  })
})

describe('OpenVPN by MS-CHAPv2, of which the directory has the hash', () => {
  beforeAll(() => applySettings(scenario.gateway, { radius: { passwordProtocol: 'mschapv2' } }))
  afterAll(() => applySettings(scenario.gateway, {}))

  test.each([
    ['alice@corp.example', ALICE_PASSWORD, ALICE],
    ['CORP\\marta', MARTA_PASSWORD, MARTA],
  ])('lets %s in, and no server reads the password', async (name, password, user) => {
    await dialAs(scenario, name, password).connected()
    expect(await sessionsOf(scenario, user)).toHaveLength(1)
    const question = scenario.primary.questions().at(-1) ?? new Map()
    expect(attributeOf(question, 'MS-CHAP2-Response')).toMatch(/^0x/)
    expect(attributeOf(question, 'User-Password')).toBeUndefined()
  })

  test('refuses a wrong password', async () => {
    await dialAs(scenario, 'alice', MARTA_PASSWORD).waitFor(/AUTH_FAILED/)
  })
})

describe('IKEv2 by EAP-MSCHAPv2, of which the directory has the hash', () => {
  const user = { auth: 'eap-mschapv2', identity: 'CORP\\alice', password: ALICE_PASSWORD } as const

  test('lets in, with an address of the group', async () => {
    const client = await ikeUser(scenario, user)
    await client.initiate('inside')
    await expectInside(client)
    expect((await client.sa()).virtualAddresses).toEqual([await innerAddress(ALICE)])
    expect(await innerAddress(ALICE)).toMatch(SALES_ADDRESS)
  })

  test('refuses a wrong password, and the log has who it claimed to be', async () => {
    const mark = scenario.gateway.process.mark()
    const client = await ikeUser(scenario, { ...user, identity: 'marta', password: 'wrong' })
    expect((await client.attempt('inside')).code).not.toBe(0)
    await scenario.gateway.logged(/refused.*user marta \(claimed\)/, 5_000, mark)
  })
})

test(
  'SSTP by MS-CHAPv2 lets in, with an address of the group',
  async () => {
    const guest = await bootGuest(scenario.topology)
    try {
      await delayLine(guest)
      const profile = sstpProfile(scenario, 'alice@corp.example', ALICE_PASSWORD)
      const client = await GuestSstpc.startWithProfile(guest, profile)
      const { address } = await client.connected()
      await expectCarried(guest, client)
      expect(address).toMatch(SALES_ADDRESS)
      expect(await innerAddress(ALICE)).toBe(address)
    } finally {
      await guest.stop()
    }
  },
  GUEST_BUILD_LIMIT_MS,
)
