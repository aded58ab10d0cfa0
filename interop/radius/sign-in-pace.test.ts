import { afterAll, beforeAll, expect, test } from 'vitest'
import { ikeUser } from './ike-user.ts'
import { dialAs } from './login.ts'
import { ALICE, ALICE_PASSWORD } from './people.ts'
import { openRadius, type RadiusScenario, sessionsOf } from './scenario.ts'

// Who fails to sign in again and again has to wait, and no server is asked meanwhile.

/** Of one name from one source, before it has to wait. */
const FREE = 6
const WAIT = /too many failed sign-ins of user \\"dora\\" from [\d.]+: wait \d+ s/

let scenario: RadiusScenario

beforeAll(async () => {
  scenario = await openRadius({ protocols: ['OpenVPN', 'IkeV2'] })
})

afterAll(() => scenario?.close())

// strongSwan hears inside the method that its password is wrong, and leaves before the server has said no.
test('by EAP-MSCHAPv2 over IKEv2, and with it by a password over OpenVPN; nobody else', async () => {
  const client = await ikeUser(scenario, { auth: 'eap-mschapv2', identity: 'dora', password: 'wrong' })
  for (let i = 0; i < FREE; i++) expect((await client.attempt('inside')).code).not.toBe(0)
  expect(scenario.gateway.process.log()).not.toMatch(WAIT)
  const asked = scenario.primary.process.mark()
  expect((await client.attempt('inside')).code).not.toBe(0)
  await scenario.gateway.logged(WAIT)

  await dialAs(scenario, 'dora', 'wrong').waitFor(
    /AUTH_FAILED,(TEMP.*:)?too many failed sign-ins, try again later/,
  )
  expect(scenario.primary.process.log(asked)).not.toMatch(/dora/)

  await dialAs(scenario, 'alice', ALICE_PASSWORD).connected()
  expect(await sessionsOf(scenario, ALICE)).toHaveLength(1)
})
