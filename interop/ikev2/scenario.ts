import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Credential, createAuthority, issue } from '../harness/certificates.ts'
import { openScenario, type Scenario, type ScenarioOptions } from '../harness/scenario.ts'
import { Strongswan } from '../harness/strongswan.ts'
import type { Sections } from '../harness/swanctl.ts'
import { type RoadWarrior, roadWarrior } from './road-warrior.ts'

/** A gateway that lets IKEv2 in, and a root whose clients may sign in. */
export interface Ikev2Scenario extends Scenario {
  readonly root: Credential
  /** A client certificate of that root, to be used where nothing about it matters. */
  readonly alice: Credential
  /** What the gateway calls itself, as its profiles say. */
  readonly serverName: string
}

export async function openIkev2(
  options: Omit<ScenarioOptions, 'root' | 'protocols'> = {},
): Promise<Ikev2Scenario> {
  const root = await createAuthority('Interop Root')
  const alice = await issue(root, { commonName: 'alice' })
  const scenario = await openScenario({ ...options, root, protocols: ['OpenVPN', 'IkeV2'] })
  const { directory } = await scenario.gateway.addClient('profile')
  return { ...scenario, root, alice, serverName: profileServerName(directory) }
}

function profileServerName(directory: string): string {
  const conf = readFileSync(join(directory, 'StrongSwan/conf.d/causeway.conf'), 'utf8')
  const name = /remote \{[^}]*id = "([^"]+)"/.exec(conf)?.[1]
  if (name === undefined) throw new Error(`the profile does not name the gateway:\n${conf}`)
  return name
}

/** What a client has to trust. */
export function gatewayAuthority(scenario: Scenario): string {
  return join(scenario.gateway.data, 'ca.pem')
}

/** A client gives up on a peer that is silent after about six seconds, instead of three minutes. */
const IMPATIENT: Sections = { retransmit_timeout: '0.5', retransmit_base: '1.5', retransmit_tries: '4' }

export interface ClientOptions extends Partial<RoadWarrior> {
  /** Which client namespace. */
  readonly at?: number
  /** Further settings of the daemon. */
  readonly daemon?: Sections
  /** Stops the client; a test that runs beside others has an `onTestFinished` of its own. */
  readonly finished?: (stop: () => Promise<void>) => void
}

/** Starts a client for the length of a test; it initiates nothing by itself. */
export async function startClient(scenario: Ikev2Scenario, options: ClientOptions = {}): Promise<Strongswan> {
  const { at = 0, daemon, finished = onTestFinished, intermediates = [], ...rest } = options
  const { trusts = [gatewayAuthority(scenario)] } = rest
  const namespace = scenario.topology.clients[at]
  if (!namespace) throw new Error(`no client namespace ${at}`)
  const warrior = { credential: scenario.alice, serverName: scenario.serverName, ...rest }
  const client = await Strongswan.start({
    ...roadWarrior(warrior, [...trusts, ...intermediates]),
    daemon: { ...IMPATIENT, ...daemon },
    namespace,
  })
  finished(() => client.stop())
  return client
}
