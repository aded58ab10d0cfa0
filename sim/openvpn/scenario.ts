import { type LinkOptions, PERFECT_LINK, SeededRandom } from '@causeway/netsim'
import { createDuo, type Duo } from '../../packages/openvpn/src/testing/duo.suite.ts'
import { dataPasses } from '../../packages/openvpn/src/testing/surroundings.ts'
import { WRAPS, type Wrap, wrapOptions } from '../../packages/openvpn/src/testing/wraps.suite.ts'

/** One simulated connection: what a seed decides. */
export interface Scenario {
  readonly seed: number
  readonly wrap: Wrap
  readonly transport: 'udp' | 'stream'
  readonly link: LinkOptions
  /** Who asks for the second key; `both` at the same moment. */
  readonly renegotiator: 'client' | 'server' | 'both'
}

/** Both ends have the same keys and data passes; or neither has a session and nothing is left. */
export type Outcome = 'agreement' | 'refusal'

export function scenarioOf(seed: number): Scenario {
  const random = new SeededRandom(seed)
  const transport = random.chance(0.1) ? 'stream' : 'udp'
  const poor: LinkOptions = {
    loss: random.fraction() * 0.2,
    duplication: random.fraction() * 0.1,
    reordering: random.fraction() * 0.2,
    corruption: random.fraction() * 0.05,
    delayMilliseconds: 1 + random.integer(80),
    jitterMilliseconds: random.integer(40),
    mtu: 1400,
  }
  return {
    seed,
    wrap: WRAPS[random.integer(WRAPS.length)] as Wrap,
    transport,
    link: transport === 'stream' ? PERFECT_LINK : poor,
    renegotiator: (['client', 'server', 'both'] as const)[random.integer(3)] as Scenario['renegotiator'],
  }
}

/** The engines of a scenario, not yet connected. */
export function duoOf({ seed, wrap, transport, link }: Scenario): Duo {
  const { server, client } = wrapOptions(wrap)
  return createDuo({ seed, transport, link, server, client })
}

/** Connects. Time enough for every timer to have spoken. */
export function handshake(duo: Duo): Outcome {
  duo.pair.a.command({ type: 'connect', path: duo.clientPath })
  duo.pair.step()
  return settle(duo, () => live(duo))
}

/** Negotiates the second key. */
export function renegotiate(duo: Duo, who: Scenario['renegotiator']): Outcome {
  const { pair, clientSide, serverSide } = duo
  duo.pair.advance(3000)
  for (const [end, side, name] of [
    [pair.a, clientSide, 'client'],
    [pair.b, serverSide, 'server'],
  ] as const) {
    const [session] = side.flows.keys()
    if (session !== undefined && (who === name || who === 'both'))
      end.command({ type: 'renegotiate', session })
  }
  const selected = () => live(duo) && clientSide.flow.selected === 1 && serverSide.flow.selected === 1
  return settle(duo, selected)
}

function live({ clientSide, serverSide }: Duo): boolean {
  return clientSide.flows.size === 1 && serverSide.flows.size === 1
}

/** Runs to the goal or to the end of all; the end must be clean. Errors: `Error` when it is neither. */
function settle(duo: Duo, goal: () => boolean): Outcome {
  const { pair, client, clientSide, serverSide } = duo
  const ended = () => client.sessionCount === 0
  pair.run(() => goal() || ended(), 200_000)
  if (goal()) return requireAgreement(duo)
  // The datapath of a side whose peer is gone hears nothing.
  for (const session of serverSide.flows.keys()) pair.b.command({ type: 'idle', session })
  for (const session of clientSide.flows.keys()) pair.a.command({ type: 'idle', session })
  pair.advance(200_000)
  return requireNothingLeft(duo)
}

function requireAgreement({ clientSide, serverSide }: Duo): Outcome {
  const passes = dataPasses(clientSide.flow, serverSide.flow) && dataPasses(serverSide.flow, clientSide.flow)
  if (!passes) throw new Error('both ends are live and data does not pass')
  return 'agreement'
}

function requireNothingLeft({ client, server, clientSide, serverSide }: Duo): Outcome {
  const left = {
    clientSessions: client.sessionCount,
    serverSessions: server.sessionCount,
    halfOpen: server.halfOpenCount,
    serverTls: server.tlsCount + serverSide.tls.size,
    clientTls: clientSide.tls.size,
    flows: clientSide.flows.size + serverSide.flows.size,
  }
  if (Object.values(left).some(count => count > 0)) throw new Error(`left behind: ${JSON.stringify(left)}`)
  return 'refusal'
}
