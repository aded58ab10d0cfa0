import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Guest } from '../guest/guest.ts'
import { bootGuest, GUEST_ADDRESS, GUEST_BUILD_LIMIT_MS } from '../guest/guest-on-line.ts'
import { delayLine, GuestSstpc } from '../guest/sstpc.ts'
import { createAuthority, issue } from '../harness/certificates.ts'
import { attributeOf } from '../harness/freeradius-records.ts'
import type { OpenVpnClient } from '../harness/openvpn-client.ts'
import { OpenVpnUser } from '../harness/openvpn-management.ts'
import { dial, expectInside } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { expectCarried } from '../sstp/scenario.ts'
import { type IkeUser, ikeUser } from './ike-user.ts'
import { dialAs } from './login.ts'
import { startPeapClient } from './peap-client.ts'
import { ALICE, ALICE_PASSWORD, BOB_CODE, BOB_PASSWORD, BOB_PROMPT } from './people.ts'
import { gatewayAuthority, openRadius, type RadiusScenario, sessionsOf } from './scenario.ts'
import { sstpProfile } from './sstp-profile.ts'

// The clients of Debian, over every tunnel type of one gateway. Who they are, Debian's FreeRADIUS says.

let scenario: RadiusScenario

beforeAll(async () => {
  scenario = await openRadius({ protocols: ['OpenVPN', 'IkeV2', 'SSTP'] })
})

afterAll(() => scenario?.close())

/** Does something, after which the gateway's log has a line. */
async function logs(pattern: RegExp, deed: () => Promise<unknown>): Promise<void> {
  const mark = scenario.gateway.process.mark()
  await deed()
  await scenario.gateway.logged(pattern, 5_000, mark)
}

describe('OpenVPN by a password', () => {
  test.each(['alice@corp.example', 'CORP\\alice'])('lets %s in, by the name of the server', async name => {
    const client = dialAs(scenario, name, ALICE_PASSWORD)
    const lease = await client.connected()
    await expectInside(client)
    const [session] = await sessionsOf(scenario, ALICE)
    expect(session?.innerAddresses).toContain(lease.address)
  })

  test('with tls-crypt-v2 over UDP', async () => {
    const profile = scenario.profiles.hardened
    const client = dialAs(scenario, 'alice', ALICE_PASSWORD, { profile, protocol: 'udp' })
    await client.connected()
    await expectInside(client)
  })

  test.each([
    ['alice', 'wrong'],
    ['nobody', ALICE_PASSWORD],
  ])('is refused: %s', async (name, password) => {
    await logs(new RegExp(`refused.*RADIUS.*${name}`), async () => {
      await dialAs(scenario, name, password).waitFor(/AUTH_FAILED/)
    })
    expect(await sessionsOf(scenario, name)).toEqual([])
  })
})

describe('OpenVPN by a second factor', () => {
  type Answer = (challenge: string | undefined) => string | undefined

  async function dialBob(answer: Answer): Promise<OpenVpnClient> {
    const user = await OpenVpnUser.sit({ name: 'bob', answer: ({ challenge }) => answer(challenge) })
    onTestFinished(() => user.leave())
    const client = dial(scenario, scenario.profiles.azure, { protocol: 'tcp', args: user.args })
    onTestFinished(() => client.stop())
    return client
  }

  test('is asked in the words of the server, and lets in', async () => {
    const asked: (string | undefined)[] = []
    const client = await dialBob(challenge => {
      asked.push(challenge)
      return challenge === undefined ? BOB_PASSWORD : BOB_CODE
    })
    await client.connected()
    expect(asked).toEqual([undefined, BOB_PROMPT])
    await expectInside(client)
  })

  test('that is wrong is refused, in the words of the server', async () => {
    let attempts = 0
    const client = await dialBob(challenge => {
      attempts += 1
      if (attempts > 2) return undefined
      return challenge === undefined ? BOB_PASSWORD : '000000'
    })
    await client.process.ended()
    expect(client.process.log()).toMatch(/AUTH_FAILED,wrong code/)
    expect(await sessionsOf(scenario, 'bob')).toEqual([])
  })
})

// By strongSwan, which Debian builds without PEAP: that is `eapol_test`'s, in Causeway's own client.
describe('IKEv2', () => {
  const radiusName = 'radius.corp.example'

  async function letsIn(user: IkeUser, sessionUser: string): Promise<void> {
    const client = await ikeUser(scenario, user)
    await client.initiate('inside')
    await expectInside(client)
    const [session] = await sessionsOf(scenario, sessionUser)
    expect(session?.innerAddresses).toEqual((await client.sa()).virtualAddresses)
  }

  async function refuses(user: IkeUser, told: RegExp, logged: RegExp): Promise<void> {
    const client = await ikeUser(scenario, user)
    await logs(logged, async () => {
      expect((await client.attempt('inside')).code).not.toBe(0)
    })
    expect(client.process.log()).toMatch(told)
  }

  test.each(['alice@corp.example', 'CORP\\alice'])('by EAP-MSCHAPv2 lets %s in', async identity => {
    await letsIn({ auth: 'eap-mschapv2', identity, password: ALICE_PASSWORD }, ALICE)
  })

  test('by EAP-MSCHAPv2 refuses a wrong password', async () => {
    const user = { auth: 'eap-mschapv2', identity: 'alice', password: 'wrong' } as const
    // strongSwan leaves at the server's word in the method, before EAP has failed.
    const told = /MS-CHAPv2 failed with error ERROR_AUTHENTICATION_FAILURE/
    await refuses(
      user,
      told,
      /refused: user alice \(claimed\): the peer ends the IKE SA with AUTHENTICATION_FAILED/,
    )
  })

  test('by EAP-TLS lets in whom the certificate names, whatever the client says', async () => {
    // strongSwan takes its identity for a name of the certificate.
    const identity = 'somebody@corp.example'
    const names = { commonName: 'carol', alternativeNames: [`email:${identity}`] }
    const credential = await issue(scenario.certificates.authority, { ...names, key: 'ecp-256' })
    await letsIn({ auth: 'eap-tls', identity, credential, radiusName }, 'carol@corp.example')
  })

  test('by EAP-TLS refuses whom the server does not trust', async () => {
    const other = await createAuthority('RADIUS Root', 'ecp-256')
    const credential = await issue(other, { commonName: 'carol', key: 'ecp-256' })
    const user = { auth: 'eap-tls', identity: 'carol', credential, radiusName } as const
    await refuses(user, /received EAP_FAILURE/, /refused.*RADIUS/)
  })

  test('by EAP-TTLS lets in whom the method inside knows', async () => {
    await letsIn({ auth: 'eap-ttls', identity: 'alice', password: ALICE_PASSWORD, radiusName }, ALICE)
  })

  test('by PEAP lets in whom the method inside knows', async () => {
    const user = { outerName: 'anonymous', name: 'alice', password: ALICE_PASSWORD }
    const client = startPeapClient(scenario, user)
    await client.waitFor(/^connected$/)
    const [session] = await sessionsOf(scenario, ALICE)
    expect(session?.protocol).toBe('IkeV2')
  })

  test('by PEAP refuses a wrong password', async () => {
    const user = { outerName: 'anonymous', name: 'alice', password: 'wrong' }
    await logs(/refused.*RADIUS.*anonymous/, async () => {
      await startPeapClient(scenario, user).waitFor(/^refused the server says EAP-Failure/)
    })
  })
})

// sstpc and pppd in a Linux of their own. The keys of SSTP's crypto binding come from the RADIUS server.
describe('SSTP', () => {
  let guest: Guest
  let client: GuestSstpc | undefined

  beforeAll(async () => {
    guest = await bootGuest(scenario.topology)
    await delayLine(guest)
  }, GUEST_BUILD_LIMIT_MS)

  afterAll(() => guest?.stop())

  afterEach(async () => {
    await client?.stop()
    client = undefined
  })

  test('by MS-CHAPv2 lets in, by the name of the server', async () => {
    const profile = sstpProfile(scenario, 'CORP\\alice', ALICE_PASSWORD)
    client = await GuestSstpc.startWithProfile(guest, profile)
    const lease = await client.connected()
    await expectCarried(guest, client)
    const sessions = await sessionsOf(scenario, ALICE)
    expect(sessions).toMatchObject([{ protocol: 'SSTP', innerAddresses: [lease.address] }])
    expect(await client.pppLog()).toContain('rcvd [CHAP Success')
    const question = scenario.primary.questions().at(-1) ?? new Map()
    expect(attributeOf(question, 'Calling-Station-Id')).toBe(GUEST_ADDRESS)
    expect(attributeOf(question, 'Called-Station-Id')).toBe(ADDRESSES.gateway)
    expect(attributeOf(question, 'Connect-Info')).toBe('SSTP')
  })

  test('by MS-CHAPv2 refuses a wrong password', async () => {
    await logs(/refused.*RADIUS.*alice/, async () => {
      client = await GuestSstpc.startWithProfile(guest, sstpProfile(scenario, 'alice', 'wrong'))
      await client.ended()
    })
    expect(await client?.pppLog()).toMatch(/rcvd \[CHAP Failure .*E=691/)
  })

  test('by EAP-TLS lets in whom the certificate names', async () => {
    const { authority, server } = scenario.certificates
    client = await GuestSstpc.start(guest, {
      credential: await issue(authority, { commonName: 'carol' }),
      authority: gatewayAuthority(scenario),
      eapAuthority: authority.certificatePath,
      gateway: ADDRESSES.gateway,
      serverName: scenario.serverName,
      peerLines: [`remotename ${server.commonName}`],
    })
    await client.connected()
    await expectCarried(guest, client)
    expect(await sessionsOf(scenario, 'carol@corp.example')).toHaveLength(1)
  })
})
