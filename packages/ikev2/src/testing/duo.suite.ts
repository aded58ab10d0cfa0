import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import type { Engine } from '@causeway/engine'
import { type LinkOptions, Pair, type PairSide, SeededRandom } from '@causeway/netsim'
import type { Ikev2Command, Ikev2Reply } from '../command.ts'
import { createIkev2, type Ikev2Engine } from '../engine/ikev2-engine.ts'
import type { Ikev2Options } from '../engine-options.ts'
import type { Ikev2Output, Ikev2Request } from '../output.ts'
import type { Path } from '../path.ts'
import type { PeerTerms } from '../peer-terms.ts'
import { espPasses, FakeGateway } from './fake-gateway.ts'
import { delivering, plainRoutes, posted, type Route } from './routes.suite.ts'
import { letIn, RESPONDER_TERMS, TERMS, trust } from './terms.suite.ts'

export type AnyIkev2 = Engine<Path, Ikev2Command, Ikev2Output>

export interface DuoOptions {
  readonly seed?: number
  readonly link?: LinkOptions
  /** By port 500 and by 4500. They may be changed while running. */
  readonly routes?: Route[]
  readonly initiator?: Partial<PeerTerms>
  readonly responder?: Partial<PeerTerms>
  /** Of the responder's engine, and of the initiator's, which answers nobody unless they say so. */
  readonly options?: Partial<Ikev2Options>
  readonly initiatorOptions?: Partial<Ikev2Options>
  readonly decide?: (request: Ikev2Request) => Ikev2Reply | undefined
  readonly trust?: (request: Ikev2Request) => Ikev2Reply | undefined
  /** Stands between an engine and the pair: a recorder. */
  readonly wire?: {
    readonly initiator?: (engine: AnyIkev2) => AnyIkev2
    readonly responder?: (engine: AnyIkev2) => AnyIkev2
  }
}

/** An initiator and a responder with their gateways, joined by a link under a virtual clock. */
export interface Duo {
  readonly pair: Pair<Path, Ikev2Command, Ikev2Output, Path, Ikev2Command, Ikev2Output>
  readonly initiator: Ikev2Engine
  readonly responder: Ikev2Engine
  readonly initiatorSide: FakeGateway
  readonly responderSide: FakeGateway
  readonly terms: PeerTerms
  readonly routes: Route[]
}

export function createDuo(options: DuoOptions = {}): Duo {
  const { seed = 1, link, routes = plainRoutes() } = options
  const terms = { ...TERMS, ...options.initiator }
  const responderTerms = { ...RESPONDER_TERMS, ...options.responder }
  const initiator = createIkev2({
    crypto: createSeededCrypto(`${seed} initiator`),
    responder: () => undefined,
    ...options.initiatorOptions,
  })
  const responder = createIkev2({
    crypto: createSeededCrypto(`${seed} responder`),
    responder: () => responderTerms,
    ...options.options,
  })
  const initiatorSide = new FakeGateway(options.trust ?? trust)
  const responderSide = new FakeGateway(options.decide ?? letIn)
  const a = options.wire?.initiator?.(initiator) ?? initiator
  const b = options.wire?.responder?.(responder) ?? responder
  const pair = new Pair(
    side(a, initiatorSide, routes, 'initiator', link),
    side(b, responderSide, routes, 'responder', link),
    { random: new SeededRandom(seed) },
  )
  return { pair, initiator, responder, initiatorSide, responderSide, terms, routes }
}

/** The command by which the initiator begins. */
export function connectCommand(
  { routes, terms }: Pick<Duo, 'routes' | 'terms'>,
  session = 1,
): Extract<Ikev2Command, { readonly type: 'connect' }> {
  const [plain, encapsulated] = routes as [Route, Route]
  return {
    type: 'connect',
    session,
    path: plain.initiator,
    encapsulatedPath: encapsulated.initiator,
    terms,
  }
}

/** Connects; `true` when both ends have a flow within these virtual milliseconds. */
export function connect(duo: Duo, limitMilliseconds = 60_000): boolean {
  const { pair, initiatorSide, responderSide } = duo
  pair.a.command(connectCommand(duo))
  const met = () => initiatorSide.flows.size === 1 && responderSide.flows.size === 1
  return pair.run(met, limitMilliseconds) === 'met'
}

/** Whether ESP passes both ways, in the one flow. */
export function trafficPasses({ initiatorSide, responderSide }: Duo): boolean {
  return (
    espPasses(initiatorSide.flow, responderSide.flow) && espPasses(responderSide.flow, initiatorSide.flow)
  )
}

/** What the engines hold: sessions, half-open ones, IKE SAs, ESP SPIs, open requests. */
export function holdings(engine: Ikev2Engine): number[] {
  const { sessionCount, halfOpenCount, ikeSaCount, espSpiCount, openRequestCount } = engine
  return [sessionCount, halfOpenCount, ikeSaCount, espSpiCount, openRequestCount]
}

function side(
  engine: AnyIkev2,
  gateway: FakeGateway,
  routes: readonly Route[],
  end: keyof Route,
  link: LinkOptions | undefined,
): PairSide<Path, Ikev2Command, Ikev2Output> {
  const path = (routes[0] as Route)[end]
  return {
    engine: delivering(engine, routes, end),
    path,
    ...(link && { link }),
    handleOutput: (output, actions) =>
      gateway.handle(output, {
        send: (bytes, by) => {
          const packet = posted(routes, end, by, bytes)
          if (packet) actions.send(packet)
        },
        command: command => actions.command(command),
      }),
  }
}
