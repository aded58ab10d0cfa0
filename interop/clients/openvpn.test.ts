import { AUTHENTICATION_TYPES, type AuthenticationType, type ServedClient } from '@causeway/api-contract'
import { afterAll, beforeAll, describe, onTestFinished, test } from 'vitest'
import { ClientHome } from '../harness/client-home.ts'
import { OPENVPN_HOME, type WordedPlan } from '../harness/openvpn-words.ts'
import { clientCells, titled, wrongSignIns } from './cells.ts'
import { startOpenvpn } from './openvpn-programs.ts'
import {
  begun,
  type ClientsScenario,
  configure,
  configureAndAdd,
  openClients,
  type Package,
} from './scenario.ts'
import type { Visitor } from './visit.ts'

// The client table's cells of OpenVPN. What stands here for the programs of other systems:
//
//   Azure VPN Client     Causeway's client in that program's words (IV_PROTO=1, its options), with what it reads in
//                        azurevpnconfig.xml. Only its words on macOS are known: Windows and Linux have the same here
//   OpenVPN client 3.x   Causeway's client in the words of OpenVPN Connect (IV_PROTO=990, IV_PLAT of the system), with
//                        Azure's vpnconfig.ovpn; Debian has no OpenVPN3
//   OpenVPN client 2.x   Debian's openvpn 2.6, on Windows and macOS with what the community's GUI and Tunnelblick add and
//                        Azure's vpnconfig.ovpn, on Linux with vpnconfig-hardened.ovpn

let scenario: ClientsScenario
let home: ClientHome<WordedPlan>
const packages = new Map<AuthenticationType, Package>()

beforeAll(async () => {
  scenario = await openClients({ clients: 1, types: AUTHENTICATION_TYPES })
  const [namespace] = scenario.topology.clients
  if (!namespace) throw new Error('no client namespace')
  const starting = ClientHome.start<WordedPlan>(namespace, OPENVPN_HOME)
  for (const type of AUTHENTICATION_TYPES)
    packages.set(type, await configureAndAdd(scenario, ['OpenVPN'], [type]))
  home = await starting
})

afterAll(async () => {
  await home?.stop()
  await scenario?.close()
})

function given(type: AuthenticationType): Package {
  const found = packages.get(type)
  if (!found) throw new Error(`no package for ${type}`)
  return found
}

async function visit(cell: ServedClient): Promise<Visitor> {
  const { authentication: by } = cell
  const visitor = await startOpenvpn(
    cell,
    { scenario, namespace: home.namespace, given: given(by), by },
    home,
  )
  onTestFinished(async () => void (await visitor.stop()))
  return visitor
}

/** What the gateway's log says of whoever brings one kind where another alone is taken. */
const REASONS: Readonly<Record<AuthenticationType, Readonly<Record<AuthenticationType, string>>>> = {
  Certificate: {
    Certificate: '',
    Radius: 'the client brought a user name; OpenVPN accepts: certificate',
    AAD: 'the client brought a user name; OpenVPN accepts: certificate',
  },
  Radius: {
    Certificate: 'the client brought a certificate; OpenVPN accepts: radius',
    Radius: '',
    AAD: 'RADIUS gave no answer for user AzureAD .*: a password longer than 128 bytes',
  },
  AAD: {
    Certificate: 'the client brought a certificate; OpenVPN accepts: entra',
    Radius: 'the client brought a user name; OpenVPN accepts: entra',
    AAD: '',
  },
}

describe.each(AUTHENTICATION_TYPES)('OpenVPN with %s', type => {
  beforeAll(() => configure(scenario, ['OpenVPN'], [type]))

  test.each(titled(clientCells('OpenVPN', type)))('%s connects', async (_, cell) => {
    const mark = scenario.gateway.process.mark()
    const visitor = await visit(cell)
    await visitor.connects()
    await begun(scenario, type, given(type), mark)
  })

  test.each(titled(wrongSignIns('OpenVPN', type)))('%s is refused', async (_, cell) => {
    const mark = scenario.gateway.process.mark()
    const visitor = await visit(cell)
    await visitor.isRefused()
    const reason = new RegExp(`client refused: ${REASONS[type][cell.authentication]}`)
    await scenario.gateway.logged(reason, 5_000, mark)
  })
})
