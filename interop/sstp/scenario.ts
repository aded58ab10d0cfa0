import { join } from 'node:path'
import type { GatewaySettings } from '@causeway/api-contract'
import type { Guest } from '../guest/guest.ts'
import { GuestSstpc, type SstpcOptions } from '../guest/sstpc.ts'
import { type Credential, createAuthority, issue } from '../harness/certificates.ts'
import { applyGateway, gatewayDocument, openScenario, type Scenario } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'

/** A gateway that lets SSTP in, and a root whose clients may sign in. */
export interface SstpScenario extends Scenario {
  readonly root: Credential
  /** The key of every client. */
  readonly keyPath: string
  /** The root of the gateway's own certificate: a file. */
  readonly authority: string
  /** What the gateway calls itself. */
  readonly serverName: string
}

/** A session as `causeway sessions --json` lists it. */
export interface ListedSession {
  readonly id: string
  readonly user: string
  readonly protocol: string
  readonly transport: string
  readonly innerAddresses: readonly string[]
}

/** OpenVPN is served as well, on the same TCP port. */
const PROTOCOLS = ['OpenVPN', 'SSTP'] as const

/** @param api whether the management API runs */
export async function openSstp(
  clients: number,
  settings: GatewaySettings,
  api = false,
): Promise<SstpScenario> {
  const root = await createAuthority('Interop Root')
  const scenario = await openScenario({ clients, settings, root, protocols: PROTOCOLS, api })
  const { azure } = await scenario.gateway.addClient('profile')
  const serverName = /^verify-x509-name ["']?([^"'\s]+)/m.exec(azure)?.[1]
  if (serverName === undefined) throw new Error(`the profile does not name the gateway:\n${azure}`)
  const { keyPath } = await issue(root, { commonName: 'key' })
  return { ...scenario, root, keyPath, serverName, authority: join(scenario.gateway.data, 'ca.pem') }
}

/** Starts a client of the guest; without a credential as a new user of the scenario's root. */
export async function startSstpc(
  scenario: SstpScenario,
  guest: Guest,
  user: string,
  options: Partial<SstpcOptions> = {},
): Promise<GuestSstpc> {
  const credential = options.credential ?? (await issueClient(scenario, user))
  const { authority, serverName } = scenario
  return GuestSstpc.start(guest, {
    authority,
    serverName,
    gateway: ADDRESSES.gateway,
    ...options,
    credential,
  })
}

/** A certificate of the scenario's root. */
export function issueClient({ root, keyPath }: SstpScenario, user: string): Promise<Credential> {
  return issue(root, { commonName: user, keyPath })
}

export async function sessionsOf(scenario: SstpScenario, user: string): Promise<readonly ListedSession[]> {
  const { sessions } = await scenario.gateway.json<{ sessions: ListedSession[] }>('sessions')
  return sessions.filter(session => session.user === user)
}

/** Refuses these certificates from now on, also those of sessions that live. */
export async function revoke(scenario: SstpScenario, revokedThumbprints: readonly string[]): Promise<void> {
  const document = gatewayDocument(scenario.gateway, [scenario.root], {
    protocols: PROTOCOLS,
    revokedThumbprints,
  })
  await applyGateway(scenario.gateway, document)
}

/**
 * Every echo comes back from the inside host through a client's tunnel. The guest misses an interrupt of its network
 * now and then, so that TCP repeats after a fifth of a second: with a deadline `ping` waits for that too.
 */
export async function expectCarried(
  guest: Guest,
  { device, bytes = 56 }: { readonly device: string; readonly bytes?: number },
): Promise<void> {
  await guest.runOk(`ping -n -I ${device} -c 2 -i 0.3 -w 10 -s ${bytes} ${ADDRESSES.inside}`)
}
