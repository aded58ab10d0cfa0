import { type LinkOptions, PERFECT_LINK, SeededRandom } from '@causeway/netsim'
import type { PppAuthentication, PppNetwork } from '@causeway/ppp'
import { NETWORK } from '../../packages/ppp/src/testing/options.suite.ts'

const METHODS: readonly PppAuthentication[] = ['eap', 'chap-mschapv2', 'pap']

/** One simulated link: what a seed decides. */
export interface Scenario {
  readonly seed: number
  /** In order of preference. They may have nothing in common. */
  readonly server: readonly PppAuthentication[]
  readonly client: readonly PppAuthentication[]
  readonly families: { readonly ipv4: boolean; readonly ipv6: boolean }
  readonly network: PppNetwork
  readonly link: LinkOptions
  /** How much later than the client the server begins; 0: their requests cross. Below zero: earlier. */
  readonly lateMilliseconds: number
  readonly thinkMilliseconds: number
  /** Who does not know the password, or proves it wrongly. */
  readonly liar: 'client' | 'server' | undefined
  readonly closes: 'client' | 'server' | 'both' | 'nobody'
}

export function scenarioOf(seed: number): Scenario {
  const random = new SeededRandom(seed)
  const pick = <T>(values: readonly T[]): T => values[random.integer(values.length)] as T
  return {
    seed,
    server: someMethods(random),
    client: someMethods(random),
    families: pick([
      { ipv4: true, ipv6: true },
      { ipv4: true, ipv6: false },
      { ipv4: false, ipv6: true },
    ]),
    network: pick<PppNetwork>([NETWORK, NETWORK, { ipv4: NETWORK.ipv4 }, { ipv6: NETWORK.ipv6 }]),
    link: random.chance(0.2) ? PERFECT_LINK : poorLink(random),
    lateMilliseconds: pick([0, 0, 0, random.integer(5000), -random.integer(5000)]),
    thinkMilliseconds: pick([0, random.integer(50), random.integer(2000)]),
    liar: random.chance(0.1) ? pick(['client', 'server'] as const) : undefined,
    closes: pick(['client', 'server', 'both', 'nobody'] as const),
  }
}

/** The method that such ends agree on: the first of the server's that the client knows. */
export function isAgreeable({ server, client }: Scenario): boolean {
  return server.some(method => client.includes(method))
}

/** Whether there is a family that the client wants and the server gives. */
export function isConnectable({ families, network }: Scenario): boolean {
  return (families.ipv4 && network.ipv4 !== undefined) || (families.ipv6 && network.ipv6 !== undefined)
}

function someMethods(random: SeededRandom): PppAuthentication[] {
  const shuffled = METHODS.map(method => ({ method, at: random.fraction() })).sort((a, b) => a.at - b.at)
  return shuffled.slice(0, 1 + random.integer(METHODS.length)).map(({ method }) => method)
}

/** No corruption: a lower layer of PPP never hands up a damaged frame, by FCS or by TLS. */
function poorLink(random: SeededRandom): LinkOptions {
  return {
    ...PERFECT_LINK,
    loss: random.fraction() * 0.2,
    duplication: random.fraction() * 0.2,
    reordering: random.fraction() * 0.3,
    delayMilliseconds: 1 + random.integer(150),
    jitterMilliseconds: random.integer(200),
  }
}
