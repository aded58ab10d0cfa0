import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AuthenticationType, ClientSystem, ServedClient } from '@causeway/api-contract'
import type { ClientHome } from '../harness/client-home.ts'
import { OpenVpnClient } from '../harness/openvpn-client.ts'
import {
  AZURE_WORDS,
  type Openvpn3Platform,
  openvpn3Words,
  type WordedPlan,
} from '../harness/openvpn-words.ts'
import { formatBlock } from '../harness/profile.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import { readAzureProfile } from './azure-profile.ts'
import { PASSWORD, USER_NAME } from './people.ts'
import { readPackage } from './scenario.ts'
import { expectTunnel, homeVisitor, type Visit, type Visitor } from './visit.ts'

/** Starts what stands for a program of a system. Errors: nothing does. */
export async function startOpenvpn(
  { system, program }: Pick<ServedClient, 'system' | 'program'>,
  visit: Visit,
  home: ClientHome<WordedPlan>,
): Promise<Visitor> {
  switch (program) {
    case 'Azure VPN Client': {
      const profile = await readAzureProfile(visit)
      return worded(home, { profile, words: AZURE_WORDS })
    }
    case 'OpenVPN client 3.x':
      return worded(home, { profile: connectProfile(visit), words: openvpn3Words(PLATFORMS[system]) })
    case 'OpenVPN client 2.x':
      return openvpn2(system, visit)
    default:
      throw new Error(`nothing stands for ${program} of ${system} over OpenVPN`)
  }
}

const PLATFORMS: Readonly<Record<ClientSystem, Openvpn3Platform>> = {
  Windows: 'win',
  macOS: 'mac',
  iOS: 'ios',
  Linux: 'linux',
  Android: 'android',
}

/** A profile of an OpenVPN program: Azure's form, or ours. */
type Form = '' | '-hardened'

function readOvpn({ given, by }: Visit, form: Form = ''): string {
  const ofRadius = by === 'Radius' ? [`OpenVPN/vpnconfig-radius${form}.ovpn`] : []
  return readPackage(given, ...ofRadius, `OpenVPN/vpnconfig${form}.ovpn`)
}

/** Azure's form with what Azure's documentation wants in it for OpenVPN Connect. */
function connectProfile(visit: Visit): string {
  const profile = readOvpn(visit).replace(/^log .*$/m, 'ping-restart 0')
  if (visit.by === 'Certificate') return profile
  const user = formatBlock('auth-user-pass', `${USER_NAME}\n${passwordOf(visit.by)}`)
  return `${profile.replace(/^auth-user-pass$/m, '')}\n${user}\n`
}

function worded(home: ClientHome<WordedPlan>, plan: WordedPlan): Visitor {
  return homeVisitor(home, home.dial(plan))
}

/** What the programs of these systems add to the options of OpenVPN, and which form of the profile they have here. */
const PROGRAMS_2X: Readonly<Partial<Record<ClientSystem, { form: Form; args: readonly string[] }>>> = {
  // The community's program for Windows.
  Windows: {
    form: '',
    args: [
      ...['--setenv', 'IV_GUI_VER', 'OpenVPN_GUI_11.51.0.0', '--setenv', 'IV_SSO', 'openurl,webauth,crtext'],
      ...['--disable-dco', '--push-peer-info'],
    ],
  },
  // Tunnelblick.
  macOS: {
    form: '',
    args: ['--setenv', 'IV_GUI_VER', 'net.tunnelblick.tunnelblick_5990_4.0', '--setenv', 'IV_SSO', 'webauth'],
  },
  Linux: { form: '-hardened', args: [] },
}

function openvpn2(system: ClientSystem, visit: Visit): Visitor {
  const program = PROGRAMS_2X[system]
  if (!program) throw new Error(`there is no OpenVPN 2.x for ${system}`)
  const client = new OpenVpnClient({
    namespace: visit.namespace,
    profile: readOvpn(visit, program.form),
    args: [...program.args, ...userArgs(visit.by)],
    title: `OpenVPN 2.x on ${system}`,
  })
  return {
    connects: async () => {
      await client.connected()
      await expectTunnel(client)
    },
    isRefused: async () => void (await client.waitFor(/AUTH_FAILED/)),
    stop: () => client.stop(),
  }
}

function userArgs(by: AuthenticationType): readonly string[] {
  if (by === 'Certificate') return []
  const path = join(scratchDirectory('q'), 'login')
  writeFileSync(path, `${USER_NAME}\n${passwordOf(by)}\n`, { mode: 0o600 })
  return ['--auth-user-pass', path]
}

/** Only the Azure VPN Client fetches tokens. */
function passwordOf(by: AuthenticationType): string {
  if (by !== 'Radius') throw new Error(`${by} has no password`)
  return PASSWORD
}
