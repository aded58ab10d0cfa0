import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServedClient } from '@causeway/api-contract'
import type { Guest } from '../guest/guest.ts'
import { expectEchoes } from '../guest/guest-on-line.ts'
import { GuestStrongswan } from '../guest/strongswan.ts'
import type { Credential } from '../harness/certificates.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import { certificateFile, Strongswan } from '../harness/strongswan.ts'
import type { Sections } from '../harness/swanctl.ts'
import { ADDRESSES, clientAddress } from '../harness/topology.ts'
import { readAppleProfile } from './apple-profile.ts'
import { credentialOf } from './credential.ts'
import { PASSWORD } from './people.ts'
import { type Package, readPackage } from './scenario.ts'
import { expectTunnel, type Visit, type Visitor } from './visit.ts'
import { readWindowsProfile } from './windows-profile.ts'

/** Starts what stands for a system's program. */
export async function startIkev2(
  cell: Pick<ServedClient, 'system'>,
  visit: Visit,
  guest: Guest,
): Promise<Visitor> {
  return cell.system === 'Linux'
    ? startLinux(visit, guest)
    : startManners(visit, await mannersOf(cell, visit))
}

/** What a system's own program says on the wire, in strongSwan's words. */
export interface Ikev2Manners {
  readonly server: string
  /** What it demands that the gateway calls itself; Windows sends no IDr. */
  readonly remoteId: string
  /** IDi. */
  readonly localId?: string
  readonly ike: string
  readonly esp: string
  readonly signIn:
    | { readonly type: 'pubkey' | 'eap-tls'; readonly credential: Credential }
    | { readonly type: 'eap-mschapv2'; readonly name: string; readonly password: string }
  readonly connection?: Sections
  readonly daemon?: Sections
  /** What it asks for. */
  readonly remoteSelectors?: readonly string[]
}

/** The manners of a system's program, as a package makes them. */
export async function mannersOf(
  { system }: Pick<ServedClient, 'system'>,
  { given, by }: Visit,
): Promise<Ikev2Manners> {
  switch (system) {
    case 'Windows':
      return windows(given)
    case 'macOS':
    case 'iOS':
      return apple(given)
    case 'Android':
      return android(given)
    case 'Linux':
      throw new Error(`Linux has strongSwan itself, also for ${by}`)
    default:
      return system satisfies never
  }
}

/** Who an address says it is: Windows names itself so, fragments small, and has no MOBIKE of ours to wait for. */
const WINDOWS: Pick<Ikev2Manners, 'remoteId' | 'localId' | 'daemon'> = {
  remoteId: '%any',
  localId: clientAddress(0),
  daemon: { fragment_size: '576' },
}

async function windows(given: Package): Promise<Ikev2Manners> {
  const { server, protocols, eap, suites } = readWindowsProfile(given)
  if (protocols[0]?.toLowerCase() !== 'ikev2' || !suites) throw new Error(`Windows tries ${protocols} first`)
  return { ...WINDOWS, server, ...suites, signIn: await eapOf(eap, given) }
}

async function eapOf(eap: 'tls' | 'mschapv2', given: Package): Promise<Ikev2Manners['signIn']> {
  if (eap === 'tls') return { type: 'eap-tls', credential: await credentialOf(given) }
  return { type: 'eap-mschapv2', name: given.clientName, password: PASSWORD }
}

const WINDOWS_HASHES = ['sha1', 'sha256', 'sha384'] as const

/** Windows without a profile, and with a certificate of the machine: what it proposes by itself. */
export async function windowsAsItComes({ given }: Visit): Promise<Ikev2Manners> {
  return {
    ...WINDOWS,
    server: readWindowsProfile(given).server,
    ike: WINDOWS_HASHES.flatMap(hash => [`3des-${hash}-modp1024`, `aes256-${hash}-modp1024`]).join(','),
    esp: ['aes256-sha1', 'aes128-sha1', '3des-sha1', 'des-sha1', 'null-sha1'].join(','),
    signIn: { type: 'pubkey', credential: await credentialOf(given) },
  }
}

async function apple(given: Package): Promise<Ikev2Manners> {
  const { server, remoteId, localId, ike, esp, mobike, signIn } = await readAppleProfile(given)
  return {
    ...{ server, remoteId, localId, ike, esp },
    connection: { mobike: mobike ? 'yes' : 'no' },
    signIn:
      signIn.type === 'certificate'
        ? { type: 'pubkey', credential: signIn.credential }
        : { type: 'eap-mschapv2', name: signIn.name, password: PASSWORD },
  }
}

/** A profile of strongSwan's app (its documentation, "VPN profiles"). */
interface AndroidProfile {
  readonly type: 'ikev2-cert' | 'ikev2-eap'
  readonly remote: { readonly addr: string; readonly id: string; readonly cert: string }
  readonly local: { readonly eap_id?: string; readonly p12?: string }
  readonly 'ike-proposal': string
  readonly 'esp-proposal': string
  readonly 'split-tunneling': { readonly subnets: string }
}

/** The app's ESP is libipsec's in UDP, as it is here. */
async function android(given: Package): Promise<Ikev2Manners> {
  const profile = JSON.parse(readPackage(given, `Android/${given.clientName}.sswan`)) as AndroidProfile
  const { type, remote, local } = profile
  return {
    server: remote.addr,
    remoteId: remote.id,
    ike: profile['ike-proposal'],
    esp: profile['esp-proposal'],
    remoteSelectors: profile['split-tunneling'].subnets.split(' '),
    signIn:
      type === 'ikev2-cert'
        ? { type: 'pubkey', credential: await credentialOf(given) }
        : { type: 'eap-mschapv2', name: local.eap_id ?? '', password: PASSWORD },
  }
}

const CHILD = 'inside'
const EVERYTHING = ['0.0.0.0/0', '::/0'] as const

/** Gives up on a peer that is silent after about six seconds. */
const IMPATIENT: Sections = { retransmit_timeout: '0.5', retransmit_base: '1.5', retransmit_tries: '4' }

/** Debian's strongSwan with somebody's manners; it connects when it is told to. */
export async function startManners({ namespace, given }: Visit, manners: Ikev2Manners): Promise<Visitor> {
  const { signIn, daemon } = manners
  const client = await Strongswan.start({
    namespace,
    swanctl: { connections: { gateway: connection(manners) }, ...secrets(manners) },
    credentials: 'credential' in signIn ? [signIn.credential] : [],
    authorities: [join(given.directory, 'ca.pem')],
    daemon: { ...IMPATIENT, ...daemon },
  })
  return {
    connects: async () => {
      await client.initiate(CHILD)
      await expectTunnel(client)
    },
    isRefused: async () => {
      const { code } = await client.attempt(CHILD)
      if (code === 0) throw new Error(`it was let in\n${client.process.tail()}`)
    },
    stop: () => client.stop(),
  }
}

function connection({ server, remoteId, localId, ike, esp, signIn, ...rest }: Ikev2Manners): Sections {
  return {
    version: '2',
    remote_addrs: server,
    proposals: ike,
    vips: ['0.0.0.0', '::'],
    encap: 'yes', // kernel-libipsec carries ESP in UDP alone
    keyingtries: '1',
    local: {
      auth: signIn.type,
      ...(localId === undefined ? {} : { id: localId }),
      ...('credential' in signIn
        ? {
            certs: certificateFile(signIn.credential.commonName),
            // strongSwan looks for the certificate by it.
            ...(signIn.type === 'eap-tls' ? { eap_id: `CN=${signIn.credential.commonName}` } : {}),
          }
        : { eap_id: signIn.name }),
    },
    remote: { auth: 'pubkey', id: remoteId },
    children: { [CHILD]: { remote_ts: rest.remoteSelectors ?? EVERYTHING, esp_proposals: esp } },
    ...rest.connection,
  }
}

function secrets({ signIn }: Ikev2Manners): Sections {
  if ('credential' in signIn) return {}
  const secret = `"${signIn.password.replace(/["\\]/g, '\\$&')}"`
  return { secrets: { 'eap-user': { id: signIn.name, secret } } }
}

/** strongSwan as it is, with the package's files for it. */
async function startLinux({ given: { directory }, by }: Visit, guest: Guest): Promise<Visitor> {
  const profile = join(scratchDirectory('v'), 'StrongSwan')
  cpSync(join(directory, 'StrongSwan'), profile, { recursive: true })
  const conf = join(profile, 'conf.d/causeway.conf')
  if (by === 'Radius') writeFileSync(conf, withPassword(readFileSync(conf, 'utf8')))
  const client = await GuestStrongswan.startWithProfile(guest, profile)
  return {
    connects: async () => {
      await client.initiate('causeway')
      await expectEchoes(guest, ADDRESSES.inside)
    },
    isRefused: async () => {
      const failure = await client.initiate('causeway').catch((error: Error) => error.message)
      if (!/establishing .* failed/.test(failure)) throw new Error(`not refused: ${failure}`)
    },
    stop: () => client.stop(),
  }
}

/** Where `client add` leaves a place for it, as a user with an editor fills it in. */
function withPassword(swanctl: string): string {
  return swanctl
    .replace(/^# (?=secrets| {2}|\})/gm, '')
    .replace('"PASSWORD"', `"${PASSWORD.replace(/["\\]/g, '\\$&')}"`)
}
