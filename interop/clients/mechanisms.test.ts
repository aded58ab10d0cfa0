import { join } from 'node:path'
import { CLIENT_PROTOCOLS, type ServedClient, servedClients } from '@causeway/api-contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { causewayCommand } from '../harness/causeway.ts'
import { ClientHome } from '../harness/client-home.ts'
import type { Namespace } from '../harness/namespace.ts'
import { OPENVPN_HOME, type WordedPlan } from '../harness/openvpn-words.ts'
import { writeDocument } from '../harness/scenario.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import { run } from '../harness/shell.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { MECHANISM_CELLS, type MechanismCell } from './cells.ts'
import {
  applyTypes,
  begun,
  type ClientsScenario,
  configureAndAdd,
  gatewayResource,
  openClients,
  type Package,
} from './scenario.ts'
import { type Homes, startAny } from './sign-ins.ts'
import { SSTP_HOME, type SstpHomePlan } from './sstp-home.ts'
import { writtenCells } from './written-profiles.ts'

// The table of authentication mechanisms: each set of tunnel types with each set of authentication types, at one gateway
// in turn. A client of each tunnel type signs in by each method that the cell serves over it: Debian's openvpn, and
// Causeway's own in the words of the Azure VPN Client for tokens; Debian's strongSwan; Causeway's own client of SSTP.

let scenario: ClientsScenario
let homes: Homes

beforeAll(async () => {
  scenario = await openClients({ clients: LANES.length, types: ['Certificate', 'Radius', 'AAD'] })
  const [openvpn, sstp] = await Promise.all([
    ClientHome.start<WordedPlan>(namespaceOf('OpenVPN AAD'), OPENVPN_HOME),
    ClientHome.start<SstpHomePlan>(namespaceOf('SSTP'), SSTP_HOME),
  ])
  homes = { openvpn, sstp }
})

afterAll(async () => {
  await Promise.all(Object.values(homes ?? {}).map(home => home.stop()))
  await scenario?.close()
})

/** What may happen at a time has a namespace of its own. */
const LANES = ['OpenVPN Certificate', 'OpenVPN Radius', 'OpenVPN AAD', 'IkeV2', 'SSTP'] as const
type Lane = (typeof LANES)[number]

function namespaceOf(lane: Lane): Namespace {
  const namespace = scenario.topology.clients[LANES.indexOf(lane)]
  if (!namespace) throw new Error('no client namespace')
  return namespace
}

const named = (names: readonly string[]): string => names.join(' and ')

const title = ({ tunnels, types }: MechanismCell): string => `${named(tunnels)} with ${named(types)}`
const titled = (cells: readonly MechanismCell[]) => cells.map(cell => [title(cell), cell] as const)

const allowed = MECHANISM_CELLS.filter(({ verdict }) => verdict.type === 'allowed')
const refused = MECHANISM_CELLS.filter(({ verdict }) => verdict.type === 'refused')

test('there are 49 cells, of which 25 are allowed', () => {
  expect(new Set(MECHANISM_CELLS.map(title)).size).toBe(49)
  expect([allowed.length, refused.length]).toEqual([25, 24])
})

describe.concurrent('cannot be had, and the gateway stays as it is:', () => {
  test.each(titled(refused))('%s', async (_, { tunnels, types, verdict }) => {
    const mark = scenario.gateway.process.mark()
    const { code, stderr } = await applyTypes(scenario, tunnels, types)
    expect(code).toBe(2)
    if (verdict.type === 'allowed') throw new Error('the table serves it')
    expect(stderr).toContain(verdict.problem)
    expect(stderr).toContain(verdict.remedy)
    expect(scenario.gateway.process.log(mark)).not.toContain('configuration applied')
  })
})

test('nor does a gateway start with what cannot be had', async () => {
  const config = writeDocument(gatewayResource(scenario, ['IkeV2'], ['AAD']))
  const data = join(scratchDirectory('d'), 'data')
  const line = ['up', '--data', data, '--inside', ADDRESSES.insideNetwork, '--config', config]
  const [command = '', ...args] = causewayCommand(namespaceOf('IkeV2'), line)
  const { code, stderr } = await run(command, args)
  expect(code).toBe(2)
  expect(stderr).toContain('IkeV2 cannot have AAD; use Radius, or Certificate; AAD may be had with OpenVPN')
})

describe('serves, and writes profiles for whom it serves:', () => {
  test.each(titled(allowed))('%s', async (_, cell) => {
    const given = await configureAndAdd(scenario, cell.tunnels, cell.types)
    expect(cellNames(writtenCells(given))).toEqual(cellNames(served(cell)))
    await Promise.all(lanesOf(cell).map(signIns => inTurn(signIns, given)))
  })
})

function served({ verdict }: MechanismCell): ServedClient[] {
  return verdict.type === 'allowed' ? servedClients(verdict.methods) : []
}

function cellNames(cells: readonly ServedClient[]): string[] {
  return cells.map(cell => Object.values(cell).join(' ')).toSorted()
}

/** One attempt to sign in, and whether it may be let in. */
interface SignIn extends Pick<ServedClient, 'tunnel' | 'authentication'> {
  readonly lane: Lane
  readonly isServed: boolean
}

/** Whoever is served signs in; and where there is Entra ID, somebody tries it over the tunnel types that have none. */
function lanesOf({ types, verdict }: MechanismCell): SignIn[][] {
  if (verdict.type === 'refused') return []
  const signIns = CLIENT_PROTOCOLS.flatMap(tunnel =>
    types.flatMap((authentication): SignIn[] => {
      const isServed = verdict.methods.get(tunnel)?.has(authentication) ?? false
      const lane = tunnel === 'OpenVPN' ? (`OpenVPN ${authentication}` as const) : tunnel
      return verdict.methods.has(tunnel) ? [{ tunnel, authentication, lane, isServed }] : []
    }),
  )
  return LANES.map(lane => signIns.filter(signIn => signIn.lane === lane))
}

async function inTurn(signIns: readonly SignIn[], given: Package): Promise<void> {
  for (const { tunnel, authentication: by, lane, isServed } of signIns) {
    const mark = scenario.gateway.process.mark()
    const visitor = await startAny(tunnel, { scenario, namespace: namespaceOf(lane), given, by }, homes)
    try {
      if (isServed) {
        await visitor.connects()
        await begun(scenario, by, given, mark)
      } else {
        await visitor.isRefused()
        await scenario.gateway.logged(NO_TOKENS, 5_000, mark)
      }
    } finally {
      await visitor.stop()
    }
  }
}

/** What the log says of a token over IKEv2 or SSTP, whichever else is taken there. */
const NO_TOKENS =
  /client refused: (no common EAP method: we offer tls; the peer wants EAP-MSCHAPv2|.*user alice@contoso.example)/
