import { fileURLToPath } from 'node:url'
import type { GatewaySettings } from '@causeway/api-contract'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ipBatch } from '../harness/namespace.ts'
import { start } from '../harness/process.ts'
import { applyGateway, applySettings, expectInside } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { dialAs } from './login.ts'
import { ALICE, ALICE_PASSWORD, SECRET } from './people.ts'
import { openRadius, type RadiusScenario, radiusDocument, SERVERS, sessionsOf } from './scenario.ts'

// Servers that die, do not know the gateway, or answer as nobody should believe. The second one is as Debian has it:
// its answers have no Message-Authenticator.

const [FIRST, SECOND] = SERVERS
/** Where whoever forges answers is. */
const FORGER = '10.1.0.12'
const SETTINGS: GatewaySettings = { radius: { timeoutSeconds: 2 } }

let scenario: RadiusScenario

beforeAll(async () => {
  const peers = [ADDRESSES.insideGateway, FORGER].map(prefix => ({ prefix, secret: SECRET }))
  const old = { answersWithMessageAuthenticator: false }
  scenario = await openRadius({
    protocols: ['OpenVPN'],
    settings: SETTINGS,
    servers: () => [{ peers }, old],
  })
})

afterAll(() => scenario?.close())

interface Ways {
  readonly servers?: readonly string[]
  readonly secret?: string
  /** Whose answers are taken as they were before CVE-2024-3596. */
  readonly lenientWith?: string
}

/** From now on this way. Settings may only name servers that the resource has: they are applied last, and first gone. */
async function configure({ servers = [FIRST], secret = SECRET, lenientWith }: Ways): Promise<void> {
  const { gateway } = scenario
  await applySettings(gateway, SETTINGS)
  await applyGateway(gateway, radiusDocument(scenario, ['OpenVPN'], { servers, secret }))
  if (lenientWith === undefined) return
  const lenient = [{ address: lenientWith, requireMessageAuthenticator: false }]
  await applySettings(gateway, { radius: { ...SETTINGS.radius, servers: lenient } })
}

async function expectLetIn(): Promise<void> {
  const client = dialAs(scenario, 'alice', ALICE_PASSWORD)
  await client.connected()
  await expectInside(client)
}

test('when the first server dies, the second is asked, and no session ends', async () => {
  await configure({ servers: [FIRST, SECOND], lenientWith: SECOND })
  const before = dialAs(scenario, 'alice', ALICE_PASSWORD)
  await before.connected()
  await scenario.primary.kill()
  onTestFinished(() => scenario.primary.restart())

  const mark = scenario.secondary.process.mark()
  await expectLetIn()
  await scenario.secondary.process.waitFor(/Sent Access-Accept/, 1_000, mark)
  await expectInside(before)
  await scenario.gateway.logged(new RegExp(`RADIUS server ${FIRST} is (suspect|dead)`))
})

test('with a wrong secret nobody comes in, and the log says that no answer came', async () => {
  await configure({ secret: 'another secret' })
  const mark = scenario.gateway.process.mark()
  const client = dialAs(scenario, 'alice', ALICE_PASSWORD)
  await client.waitFor(/AUTH_FAILED/)
  await scenario.gateway.logged(/refused: RADIUS gave no answer for user alice/, 1_000, mark)
  expect(await sessionsOf(scenario, ALICE)).toEqual([])
})

describe('a server whose answers have no Message-Authenticator', () => {
  test('is not believed', async () => {
    await configure({ servers: [SECOND] })
    const mark = scenario.gateway.process.mark()
    const client = dialAs(scenario, 'alice', ALICE_PASSWORD)
    await client.waitFor(/AUTH_FAILED/)
    await scenario.gateway.logged(/dropped: message-authenticator-missing/, 1_000, mark)
  })

  test('is, with a warning, where the settings say so', async () => {
    await configure({ servers: [SECOND], lenientWith: SECOND })
    const mark = scenario.gateway.process.mark()
    await expectLetIn()
    await scenario.gateway.logged(/sends no Message-Authenticator: its answers can be forged/, 1_000, mark)
  })
})

describe('answers that are forged or replayed', () => {
  beforeAll(async () => {
    const { inside } = scenario.topology
    await ipBatch(inside, [`addr add ${FORGER}/24 dev lan`])
    const main = fileURLToPath(new URL('./forger-main.ts', import.meta.url))
    const loader = ['--conditions=@causeway/source', '--import', 'tsx']
    const args = [...loader, main, FORGER, FIRST, SECRET]
    await start(process.execPath, args, { namespace: inside, title: 'forger' }).waitFor(/listening/)
  })

  test('let nobody in and keep nobody out', async () => {
    await configure({ servers: [FORGER] })
    const mark = scenario.gateway.process.mark()
    await expectLetIn()
    const mallory = dialAs(scenario, 'alice', 'wrong')
    await mallory.waitFor(/AUTH_FAILED/)
    const reasons = [
      'forged',
      'message-authenticator-missing',
      'message-authenticator-wrong',
      'unknown-identifier',
    ]
    for (const reason of reasons) await scenario.gateway.logged(new RegExp(`dropped: ${reason}`), 2_000, mark)
  })
})
