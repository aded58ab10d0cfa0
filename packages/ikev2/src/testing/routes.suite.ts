import type { Engine, Instant } from '@causeway/engine'
import type { Endpoint } from '@causeway/wire'
import type { Path } from '../path.ts'
import { samePath } from '../path.ts'
import { address } from './terms.suite.ts'

/** A way between both ends, as each sees it. With a NAT between they see it differently. */
export interface Route {
  readonly initiator: Path
  readonly responder: Path
}

export const INITIATOR_ADDRESS = '198.51.100.7'
export const RESPONDER_ADDRESS = '192.0.2.1'

/** A route between these addresses; `outside`: what a NAT makes of the initiator's end. */
export function route(port: 500 | 4500, inside: Endpoint, outside: Endpoint = inside): Route {
  const responder = { address: address(RESPONDER_ADDRESS), port }
  const encapsulated = port === 4500
  return {
    initiator: { port, local: inside, remote: responder, encapsulated },
    responder: { port, local: responder, remote: outside, encapsulated },
  }
}

/** From one address, without a NAT: by port 500 and by 4500. */
export function plainRoutes(from: string = INITIATOR_ADDRESS): Route[] {
  return ([500, 4500] as const).map(port => route(port, { address: address(from), port }))
}

/** Behind a NAT, which has these ports for 500 and 4500. */
export function natRoutes(ports: readonly [number, number], inside = '10.0.0.2'): Route[] {
  return ([500, 4500] as const).map((port, index) =>
    route(
      port,
      { address: address(inside), port },
      { address: address(INITIATOR_ADDRESS), port: ports[index] as number },
    ),
  )
}

/** The bytes of a packet behind the number of the route that it takes; `undefined`: it leads nowhere. */
export function posted(
  routes: readonly Route[],
  end: keyof Route,
  path: Path,
  bytes: Uint8Array,
): Uint8Array | undefined {
  const index = routes.findIndex(known => samePath(known[end], path))
  if (index < 0) return undefined
  const packet = new Uint8Array(bytes.length + 1)
  packet[0] = index
  packet.set(bytes, 1)
  return packet
}

/** An engine that receives what was {@link posted}, by the path that its end has for the route. */
export function delivering<Command, Output>(
  engine: Engine<Path, Command, Output>,
  routes: readonly Route[],
  end: keyof Route,
): Engine<Path, Command, Output> {
  return {
    handleDatagram({ bytes }, now: Instant) {
      const path = routes[bytes[0] as number]?.[end]
      if (path) engine.handleDatagram({ path, bytes: bytes.subarray(1) }, now)
    },
    handleCommand: (command, now) => engine.handleCommand(command, now),
    handleTimeout: now => engine.handleTimeout(now),
    poll: () => engine.poll(),
    nextTimeout: () => engine.nextTimeout(),
  }
}
