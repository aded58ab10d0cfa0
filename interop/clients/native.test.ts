import type { AuthenticationType, ServedClient } from '@causeway/api-contract'
import { afterAll, beforeAll, describe, onTestFinished, test } from 'vitest'
import type { Guest } from '../guest/guest.ts'
import { bootGuest, GUEST_BUILD_LIMIT_MS } from '../guest/guest-on-line.ts'
import { delayLine } from '../guest/sstpc.ts'
import { ClientHome } from '../harness/client-home.ts'
import type { Namespace } from '../harness/namespace.ts'
import { clientCells, titled, wrongSignIns } from './cells.ts'
import { startIkev2, startManners, windowsAsItComes } from './ikev2-programs.ts'
import {
  begun,
  type ClientsScenario,
  configure,
  configureAndAdd,
  openClients,
  type Package,
} from './scenario.ts'
import { SSTP_HOME, type SstpHomePlan } from './sstp-home.ts'
import { startSstp, windowsByHand } from './sstp-programs.ts'
import type { Visit, Visitor } from './visit.ts'

// The client table's cells of IKEv2 and SSTP. What stands here for the programs of other systems, over IKEv2 it is
// Debian's strongSwan:
//
//   IKEv2, Windows      with ProfileXML.xml's EAP method and suites, no IDr, its address as IDi and small fragments; and,
//                       with a certificate of the machine, with what Windows proposes by itself
//   IKEv2, macOS, iOS   with all that VpnClientSetup.mobileconfig says, the certificate from it too
//   IKEv2, Android      with the app's .sswan file; its code is strongSwan's own
//   IKEv2, Linux        as it is, in the guest, with the StrongSwan/ of the package
//   SSTP, Windows       by certificate Debian's sstpc and pppd in the guest by EAP-TLS, with server, name and certificate of
//                       ProfileXML.xml and the package; by RADIUS Causeway's client by EAP-MSCHAPv2, which ProfileXML.xml
//                       asks for and pppd 2.4.9 has not, and sstpc by MS-CHAPv2, as Windows does where it is set up by hand
//   SSTP, Linux         sstpc in the guest with the Sstpc/ of the package

let scenario: ClientsScenario
let guest: Guest
let home: ClientHome<SstpHomePlan>
const packages = new Map<string, Package>()

const TUNNELS = ['IkeV2', 'SSTP'] as const
/** Entra ID cannot be had. */
const TYPES = ['Certificate', 'Radius'] as const
const CONFIGURATIONS = TUNNELS.flatMap(tunnel => TYPES.map(type => [tunnel, type] as const))

beforeAll(async () => {
  scenario = await openClients({ clients: 1, types: TYPES })
  const others = Promise.all([
    bootGuest(scenario.topology),
    ClientHome.start<SstpHomePlan>(client(), SSTP_HOME),
  ])
  for (const [tunnel, type] of CONFIGURATIONS)
    packages.set(`${tunnel} ${type}`, await configureAndAdd(scenario, [tunnel], [type]))
  ;[guest, home] = await others
  await delayLine(guest)
}, GUEST_BUILD_LIMIT_MS)

afterAll(async () => {
  await home?.stop()
  await guest?.stop()
  await scenario?.close()
})

function client(): Namespace {
  const [namespace] = scenario.topology.clients
  if (!namespace) throw new Error('no client namespace')
  return namespace
}

function visitBy(tunnel: ServedClient['tunnel'], by: AuthenticationType): Visit {
  const given = packages.get(`${tunnel} ${by}`)
  if (!given) throw new Error(`no package for ${tunnel} with ${by}`)
  return { scenario, namespace: client(), given, by }
}

function start(cell: ServedClient): Promise<Visitor> {
  const visit = visitBy(cell.tunnel, cell.authentication)
  return cell.tunnel === 'SSTP' ? startSstp(cell, visit, { guest, home }) : startIkev2(cell, visit, guest)
}

/** What the gateway's log says of whoever brings the other kind. */
const REASONS = {
  'IkeV2 Certificate': /client refused: no common EAP method: we offer tls; the peer wants EAP-MSCHAPv2/,
  // strongSwan and the systems' own programs sign at once; Windows does so inside of EAP, and RADIUS knows no such user.
  'IkeV2 Radius':
    /client refused: (the peer brought a certificate \(AUTH method \d+\); IKEv2 accepts: EAP|RADIUS server \S+ refuses user \S*alice-\d)/,
  // EAP with another method, and no EAP at all.
  'SSTP Certificate':
    /client refused: no (common EAP method: we offer tls; the peer wants EAP-MSCHAPv2|authentication in common: we offer eap; the peer wants chap-mschapv2)/,
  'SSTP Radius': /client refused: RADIUS server \S+ refuses user alice-\d/,
} as const

describe.each(CONFIGURATIONS)('%s with %s', (tunnel, type) => {
  beforeAll(() => configure(scenario, [tunnel], [type]))

  async function connects(begin: () => Promise<Visitor>): Promise<void> {
    const mark = scenario.gateway.process.mark()
    const visitor = await begin()
    onTestFinished(async () => void (await visitor.stop()))
    await visitor.connects()
    await begun(scenario, type, visitBy(tunnel, type).given, mark)
  }

  test.each(titled(clientCells(tunnel, type)))('%s connects', async (_, cell) => {
    await connects(() => start(cell))
  })

  if (tunnel === 'IkeV2' && type === 'Certificate')
    test('Windows: Native VPN client by Certificate, of the machine and without a profile, connects', async () => {
      const visit = visitBy(tunnel, type)
      await connects(async () => startManners(visit, await windowsAsItComes(visit)))
    })

  if (tunnel === 'SSTP' && type === 'Radius')
    test('Windows: Native VPN client by Radius, set up by hand for MS-CHAPv2, connects', async () => {
      await connects(() => windowsByHand(visitBy(tunnel, type), guest))
    })

  test.each(titled(wrongSignIns(tunnel, type)))('%s is refused', async (_, cell) => {
    const mark = scenario.gateway.process.mark()
    const visitor = await start(cell)
    onTestFinished(async () => void (await visitor.stop()))
    await visitor.isRefused()
    await scenario.gateway.logged(REASONS[`${tunnel} ${type}`], 5_000, mark)
  })
})
