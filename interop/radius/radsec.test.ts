import { readFileSync } from 'node:fs'
import type { GatewaySettings } from '@causeway/api-contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attributeOf } from '../harness/freeradius-records.ts'
import { applySettings, expectInside } from '../harness/scenario.ts'
import { dialAs } from './login.ts'
import { ALICE, ALICE_PASSWORD } from './people.ts'
import { gatewayAuthority, openRadius, type RadiusScenario, SERVERS, sessionsOf } from './scenario.ts'

// A gateway whose servers are asked over TLS alone. FreeRADIUS lets in who has a certificate of the gateway's
// authority, and for clients.

let scenario: RadiusScenario

beforeAll(async () => {
  scenario = await openRadius({
    protocols: ['OpenVPN'],
    servers: own => {
      // Nobody may ask over UDP.
      const radsec = { radsec: gatewayAuthority(own), peers: [] }
      return [radsec, radsec]
    },
  })
  await applySettings(scenario.gateway, settings())
})

afterAll(() => scenario?.close())

function settings(): GatewaySettings {
  const authority = readFileSync(scenario.certificates.authority.certificatePath, 'utf8')
  const servers = SERVERS.map(address => ({ address, transport: 'tls', authority }) as const)
  return { radius: { servers, accounting: true } }
}

test('a user signs in, and the session is reported, by the certificate that the gateway has for this', async () => {
  const client = dialAs(scenario, 'alice', ALICE_PASSWORD)
  const { address } = await client.connected()
  await expectInside(client)
  expect(await sessionsOf(scenario, ALICE)).toHaveLength(1)
  const start = await scenario.primary.recorded('Start', { 'Framed-IP-Address': address })
  expect(attributeOf(start, 'User-Name')).toBe(ALICE)
})

test('a wrong password is refused', async () => {
  await dialAs(scenario, 'alice', 'wrong').waitFor(/AUTH_FAILED/)
})
