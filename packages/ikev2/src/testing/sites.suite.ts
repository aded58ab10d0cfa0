import { formatTrafficSelector, type TrafficSelector } from '@causeway/wire'
import type { Ikev2Command, Ikev2Reply } from '../command.ts'
import type { Ikev2Request } from '../output.ts'
import { createDuo, type Duo, type DuoOptions } from './duo.suite.ts'
import { espPasses, type FakeGateway } from './fake-gateway.ts'
import type { Route } from './routes.suite.ts'
import { network, RESPONDER_TERMS, TERMS } from './terms.suite.ts'

/** All addresses: whatever a peer proposes. */
export const ANY: readonly TrafficSelector[] = [network('0.0.0.0/0'), network('::/0')]

/** Lets a peer carry whatever it proposes, as Azure does; at either end. */
export function allowAny(request: Ikev2Request): Ikev2Reply | undefined {
  return request.type === 'authenticate' ? { type: 'allow', grant: { local: ANY, remote: ANY } } : undefined
}

/** Two gateways that answer each other, and the command by which the second one begins. */
export function twins(options: DuoOptions = {}): {
  readonly duo: Duo
  readonly back: Extract<Ikev2Command, { readonly type: 'connect' }>
} {
  const initiatorOptions = { responder: () => ({ ...TERMS, ...options.initiator }) }
  const duo = createDuo({ decide: allowAny, trust: allowAny, initiatorOptions, ...options })
  const [plain, encapsulated] = duo.routes as [Route, Route]
  const back = {
    type: 'connect',
    session: -1,
    path: plain.responder,
    encapsulatedPath: encapsulated.responder,
    terms: { ...RESPONDER_TERMS, ...options.responder },
  } as const
  return { duo, back }
}

/** What the Child SAs of a gateway carry, each in a flow of its own, sorted. */
export function carried({ flows }: FakeGateway): string[] {
  return [...flows.values()]
    .map(({ sas }) => {
      const [sa] = sas.values()
      return scopeText(sa?.local, sa?.remote)
    })
    .toSorted()
}

/** `local === remote`. */
export function scopeText(
  local: readonly TrafficSelector[] = [],
  remote: readonly TrafficSelector[] = [],
): string {
  return [local, remote].map(list => list.map(formatTrafficSelector).join(' ')).join(' === ')
}

/** Flows of the one by which ESP passes both ways to one of the other. */
export function passing(a: FakeGateway, b: FakeGateway): number {
  const others = [...b.flows.values()]
  return [...a.flows.values()].filter(flow =>
    others.some(other => espPasses(flow, other) && espPasses(other, flow)),
  ).length
}
