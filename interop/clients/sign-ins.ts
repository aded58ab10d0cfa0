import { readFileSync } from 'node:fs'
import type { ClientProtocol } from '@causeway/api-contract'
import type { ClientHome } from '../harness/client-home.ts'
import type { WordedPlan } from '../harness/openvpn-words.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { credentialOf } from './credential.ts'
import { type Ikev2Manners, mannersOf, startManners } from './ikev2-programs.ts'
import { startOpenvpn } from './openvpn-programs.ts'
import { PASSWORD, TENANT_USER, USER_NAME } from './people.ts'
import { readPackage, tenantOf } from './scenario.ts'
import type { SstpHomePlan } from './sstp-home.ts'
import { homeVisitor, type Visit, type Visitor } from './visit.ts'
import { readWindowsProfile } from './windows-profile.ts'

/** Where our own clients are. */
export interface Homes {
  readonly openvpn: ClientHome<WordedPlan>
  readonly sstp: ClientHome<SstpHomePlan>
}

/** One client for each tunnel type, whatever the system: the one that is soonest there. */
export function startAny(tunnel: ClientProtocol, visit: Visit, homes: Homes): Promise<Visitor> {
  switch (tunnel) {
    case 'OpenVPN': {
      const program = visit.by === 'AAD' ? 'Azure VPN Client' : 'OpenVPN client 2.x'
      return startOpenvpn({ system: 'Windows', program }, visit, homes.openvpn)
    }
    case 'IkeV2':
      return ikev2(visit)
    case 'SSTP':
      return sstp(visit, homes.sstp)
    default:
      return tunnel satisfies never
  }
}

/** Entra ID has no way through IKEv2: somebody who tries has the token for a password. */
async function ikev2(visit: Visit): Promise<Visitor> {
  const manners = await mannersOf({ system: 'Android' }, visit)
  if (visit.by !== 'AAD') return startManners(visit, manners)
  const signIn: Ikev2Manners['signIn'] = { type: 'eap-mschapv2', ...(await tokenAsPassword(visit)) }
  return startManners(visit, { ...manners, signIn })
}

async function sstp(visit: Visit, home: ClientHome<SstpHomePlan>): Promise<Visitor> {
  const { given } = visit
  const { server, serverName } = readWindowsProfile(given)
  const signIn = await sstpSignIn(visit)
  const destinations = [ADDRESSES.insideNetwork]
  const plan = { server, serverName, authority: readPackage(given, 'ca.pem'), destinations, signIn }
  return homeVisitor(home, home.dial(plan))
}

async function sstpSignIn(visit: Visit): Promise<SstpHomePlan['signIn']> {
  if (visit.by === 'Radius') return { type: 'password', name: USER_NAME, password: PASSWORD }
  if (visit.by === 'AAD') return { type: 'password', ...(await tokenAsPassword(visit)) }
  const { certificatePath, keyPath } = await credentialOf(visit.given)
  const read = (path: string): string => readFileSync(path, 'utf8')
  return { type: 'certificate', certificate: read(certificatePath), privateKey: read(keyPath) }
}

async function tokenAsPassword({
  scenario,
}: Visit): Promise<{ readonly name: string; readonly password: string }> {
  return { name: TENANT_USER.upn, password: await tenantOf(scenario).anyToken() }
}
