import { type LinkOptions, Pair, type PairSide, PERFECT_LINK, SeededRandom } from '@causeway/netsim'
import { createPppLink, type PppLink } from '../link/ppp-link.ts'
import type { PppCommand } from '../link-command.ts'
import type { PppClientOptions, PppServerOptions } from '../link-options.ts'
import type { PppOutput } from '../link-output.ts'
import { clientOptions, NETWORK, serverOptions } from './options.suite.ts'
import { Outside, type OutsideOptions } from './surroundings.ts'

type Side = PairSide<undefined, PppCommand, PppOutput>

/** How a client and a server meet. */
export interface DuoOptions {
  readonly seed?: number
  readonly client?: Partial<PppClientOptions>
  readonly server?: Partial<PppServerOptions>
  readonly clientOutside?: Partial<OutsideOptions>
  readonly serverOutside?: Partial<OutsideOptions>
  readonly link?: LinkOptions
  /** How long the outside takes to answer. */
  readonly thinkMilliseconds?: number
  /** Stands between a link and the pair. */
  readonly wire?: (link: PppLink, role: 'client' | 'server') => PppLink
}

export interface Duo {
  readonly pair: Pair<undefined, PppCommand, PppOutput, undefined, PppCommand, PppOutput>
  readonly client: Outside
  readonly server: Outside
  readonly clientLink: PppLink
  readonly serverLink: PppLink
  /** Frames sent, in order; the test may look at them or change what is told to the pair. */
  readonly frames: { readonly from: 'client' | 'server'; readonly frame: Uint8Array }[]
}

/** A client (a) and a server (b) with their outsides, not yet opened. */
export function createDuo(options: DuoOptions = {}): Duo {
  const { seed = 1, link = PERFECT_LINK, wire = (one: PppLink) => one } = options
  const frames: Duo['frames'] = []
  const client = new Outside({ role: 'client', ...options.clientOutside })
  const server = new Outside({ role: 'server', network: NETWORK, ...options.serverOutside })
  const clientLink = wire(createPppLink(clientOptions(seed, options.client)), 'client')
  const serverLink = wire(createPppLink(serverOptions(seed, options.server)), 'server')
  const side = (engine: PppLink, outside: Outside, from: 'client' | 'server'): Side => ({
    engine,
    path: undefined,
    link,
    handleOutput: (output, actions) => {
      if (output.type === 'send') {
        frames.push({ from, frame: output.frame.slice() })
        actions.send(output.frame)
        return
      }
      for (const command of outside.answer(output)) actions.command(command, options.thinkMilliseconds)
    },
  })
  const random = new SeededRandom(seed)
  const pair = new Pair(side(clientLink, client, 'client'), side(serverLink, server, 'server'), { random })
  return { pair, client, server, clientLink, serverLink, frames }
}

/** Opens both ends at once, and lets them come to their networks or to an end. */
export function meet(duo: Duo, milliseconds = 120_000): void {
  duo.pair.a.command({ type: 'open' })
  duo.pair.b.command({ type: 'open' })
  duo.pair.run(
    () => (isUp(duo.client) && isUp(duo.server)) || (isOver(duo.client) && isOver(duo.server)),
    milliseconds,
  )
}

function isUp(outside: Outside): boolean {
  return outside.find('ipv4-opened') !== undefined && outside.find('ipv6-opened') !== undefined
}

function isOver(outside: Outside): boolean {
  return outside.find('closed') !== undefined
}
