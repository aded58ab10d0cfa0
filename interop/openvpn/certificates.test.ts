import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Credential, createAuthority, issue, thumbprint } from '../harness/certificates.ts'
import { withCredential } from '../harness/profile.ts'
import {
  applyGateway,
  dial,
  expectInside,
  gatewayDocument,
  openScenario,
  type Scenario,
} from '../harness/scenario.ts'

let scenario: Scenario
let root: Credential
let profile: string

beforeAll(async () => {
  root = await createAuthority('Interop Root')
  scenario = await openScenario({ root })
  profile = (await scenario.gateway.addClient('alice')).hardened
})

afterAll(() => scenario?.close())

test('a certificate of an uploaded root signs in', async () => {
  const credential = await issue(root, { commonName: 'good' })
  const client = dial(scenario, profile, { edit: withCredential(credential) })
  await client.connected()
  await expectInside(client)
  await client.stop()
})

describe('refused, with a log line that says why', () => {
  const stranger = async (): Promise<Credential> =>
    issue(await createAuthority('Other Root'), { commonName: 'eve' })
  const revoked = async (): Promise<Credential> => {
    const credential = await issue(root, { commonName: 'revoked' })
    await applyGateway(
      scenario.gateway,
      gatewayDocument(scenario.gateway, [root], { revokedThumbprints: [await thumbprint(credential)] }),
    )
    return credential
  }
  const cases: readonly (readonly [string, () => Promise<Credential>, RegExp])[] = [
    ['a wrong root', stranger, /issuer|self.signed|not trusted|untrusted|no trusted root/i],
    ['expired', () => issue(root, { commonName: 'old', fromDays: -30, toDays: -1 }), /expired/i],
    ['not yet valid', () => issue(root, { commonName: 'early', fromDays: 2, toDays: 30 }), /not yet valid/i],
    [
      'for servers only',
      () => issue(root, { commonName: 'server', usage: 'serverAuth' }),
      /purpose|clientAuth/i,
    ],
    ['revoked before', revoked, /revoked/i],
  ]

  test.each(cases)('%s', async (_, make, reason) => {
    const credential = await make()
    const mark = scenario.gateway.process.mark()
    const client = dial(scenario, profile, {
      edit: withCredential(credential),
      args: ['--hand-window', '10'],
    })
    await client.waitFor(/AUTH_FAILED|TLS Error|tlsv1\d? alert|sslv3 alert/, 20_000)
    expect(client.process.log()).not.toMatch(/Initialization Sequence Completed/)
    const line = await scenario.gateway.logged(reason, 5_000, mark)
    expect(line).toMatch(/refus|reject|denied|fail|not accepted/i)
    await client.stop()
  })
})

test('a client that is revoked during its session is cut within a second', async () => {
  const profiles = await scenario.gateway.addClient('mallory')
  const clients = [profiles.azure, profiles.hardened].map(text => dial(scenario, text))
  await Promise.all(clients.map(client => client.connected()))
  const marks = clients.map(client => client.process.mark())

  await scenario.gateway.revokeClient('mallory')
  const revokedAt = performance.now()
  const told = await Promise.all(
    clients.map((client, index) => client.waitFor(/AUTH_FAILED|restarting|HALT/, 5_000, marks[index])),
  )
  for (const line of told) expect(line.at - revokedAt).toBeLessThan(1_000)
  const { sessions } = await scenario.gateway.json<{ sessions: { user: string }[] }>('sessions')
  expect(sessions.filter(session => session.user.includes('mallory'))).toEqual([])
  await scenario.gateway.logged(/mallory.*revoked|revoked.*mallory/i)
  await Promise.all(clients.map(client => client.stop()))
})

test('a root that is taken away ends the sessions of its clients, and no others', async () => {
  const stays = dial(scenario, (await scenario.gateway.addClient('stays')).hardened)
  const goes = dial(scenario, profile, { edit: withCredential(await issue(root, { commonName: 'goes' })) })
  await Promise.all([stays.connected(), goes.connected()])
  const mark = goes.process.mark()
  await applyGateway(scenario.gateway, gatewayDocument(scenario.gateway, []))
  await goes.waitFor(/AUTH_FAILED|restarting|HALT/, 5_000, mark)
  await expectInside(stays)
  expect(stays.process.log().match(/Initialization Sequence Completed/g)).toHaveLength(1)
  await Promise.all([stays.stop(), goes.stop()])
})
