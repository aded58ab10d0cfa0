import { join } from 'node:path'
import type { ServedClient } from '@causeway/api-contract'
import type { Guest } from '../guest/guest.ts'
import { GuestSstpc } from '../guest/sstpc.ts'
import type { ClientHome } from '../harness/client-home.ts'
import { sstpProfile } from '../radius/sstp-profile.ts'
import { expectCarried } from '../sstp/scenario.ts'
import { credentialOf } from './credential.ts'
import { PASSWORD, USER_NAME } from './people.ts'
import { readPackage } from './scenario.ts'
import type { SstpHomePlan } from './sstp-home.ts'
import { homeVisitor, type Visit, type Visitor } from './visit.ts'
import { readWindowsProfile, type WindowsProfile } from './windows-profile.ts'

/** Where clients are. */
export interface SstpPlaces {
  readonly guest: Guest
  readonly home: ClientHome<SstpHomePlan>
}

/** Starts what stands for a program of a system. */
export async function startSstp(
  { system }: Pick<ServedClient, 'system'>,
  visit: Visit,
  { guest, home }: SstpPlaces,
): Promise<Visitor> {
  if (system === 'Linux') return inGuest(guest, await linux(visit, guest))
  if (system !== 'Windows') throw new Error(`nothing stands for ${system} over SSTP`)
  const profile = readWindowsProfile(visit.given)
  if (profile.protocols.at(-1)?.toLowerCase() !== 'sstp')
    throw new Error(`Windows tries ${profile.protocols}`)
  if (profile.eap === 'mschapv2') return byPassword(visit, profile, home)
  return inGuest(guest, await windowsByCertificate(visit, profile, guest))
}

/** `Sstpc/connect` as it is; the password is typed. */
function linux({ given: { directory }, by }: Visit, guest: Guest): Promise<GuestSstpc> {
  const asGiven = join(directory, 'Sstpc')
  const profile = by === 'Radius' ? sstpProfile({ profiles: { directory } }, USER_NAME, PASSWORD) : asGiven
  return GuestSstpc.startWithProfile(guest, profile)
}

/** Windows' own client with MS-CHAPv2 in PPP, as one sets it up by hand: `sstpc` does the same. */
export async function windowsByHand(visit: Visit, guest: Guest): Promise<Visitor> {
  return inGuest(guest, await linux(visit, guest))
}

async function windowsByCertificate(
  { given }: Visit,
  { server, serverName }: WindowsProfile,
  guest: Guest,
): Promise<GuestSstpc> {
  return GuestSstpc.start(guest, {
    credential: await credentialOf(given),
    authority: join(given.directory, 'ca.pem'),
    gateway: server,
    serverName,
  })
}

function byPassword(
  { given }: Visit,
  { server, serverName, routes }: WindowsProfile,
  home: ClientHome<SstpHomePlan>,
): Visitor {
  const client = home.dial({
    server,
    serverName,
    authority: readPackage(given, 'ca.pem'),
    destinations: routes.filter(route => !route.includes(':')),
    signIn: { type: 'password', name: USER_NAME, password: PASSWORD },
  })
  return homeVisitor(home, client)
}

function inGuest(guest: Guest, client: GuestSstpc): Visitor {
  return {
    connects: async () => {
      await client.connected()
      await expectCarried(guest, client)
    },
    isRefused: async () => {
      await client.ended()
      const log = await client.pppLog()
      if (log.includes('[IPCP ConfReq')) throw new Error(`it was let in\n${log}`)
    },
    stop: () => client.stop(),
  }
}
