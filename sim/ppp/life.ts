import type { PppAuthentication, PppEvent } from '@causeway/ppp'
import { formatHex, formatIpAddress } from '@causeway/wire'
import { createDuo, type Duo } from '../../packages/ppp/src/testing/duo.suite.ts'
import type { Outside } from '../../packages/ppp/src/testing/surroundings.ts'
import type { Scenario } from './scenario.ts'

/** Both ends have agreed and are in use; or both are closed, each with a reason. */
export interface Outcome {
  readonly type: 'opened' | 'closed'
  /** By which the client let itself in. */
  readonly method: PppAuthentication | undefined
  readonly frames: number
  /** When it was opened or closed. */
  readonly milliseconds: number
  readonly reason: string | undefined
}

/** Longer than every timer of a link: by then it is one thing or the other. */
const LONG_MS = 400_000
/** What a link lives after it has opened. */
const IDLE_MS = 100_000
/** Frames of both ends in a life: negotiation with every retransmission, and the echoes of its idle time. */
const MOST_FRAMES = 200

/** Lives a scenario from the opening to the end. Errors: `Error` when anything is not as it must be. */
export function live(scenario: Scenario): Outcome {
  const duo = createDuo({
    seed: scenario.seed,
    link: scenario.link,
    thinkMilliseconds: scenario.thinkMilliseconds,
    client: { authentication: scenario.client, ...scenario.families, eapRepeatMilliseconds: 2000 },
    server: { authentication: scenario.server, eapRepeatMilliseconds: 2000 },
    clientOutside: { isFalse: scenario.liar === 'client' },
    serverOutside: { isFalse: scenario.liar === 'server', network: scenario.network },
  })
  duo.pair.a.command({ type: 'open' }, Math.max(0, -scenario.lateMilliseconds))
  duo.pair.b.command({ type: 'open' }, Math.max(0, scenario.lateMilliseconds))
  duo.pair.run(() => bothOpened(duo) || bothClosed(duo), LONG_MS)
  const outcome = outcomeOf(duo)
  if (bothOpened(duo)) {
    idle(duo)
    end(duo, scenario.closes)
  }
  requireNothingLeft(duo)
  return outcome
}

function outcomeOf(duo: Duo): Outcome {
  return {
    type: bothOpened(duo) ? 'opened' : 'closed',
    method: duo.client.find('authenticated')?.method,
    frames: duo.frames.length,
    milliseconds: duo.pair.clock.now,
    reason: duo.server.find('closed')?.reason,
  }
}

function idle(duo: Duo): void {
  requireAgreement(duo)
  duo.pair.run(() => bothClosed(duo), IDLE_MS)
  if (!isClosed(duo.client) && !isClosed(duo.server)) requireAgreement(duo)
}

/** Who closes does; where nobody does the way is cut, and both find out by their echoes. */
function end(duo: Duo, closes: Scenario['closes']): void {
  const { a, b } = duo.pair
  if (closes === 'client' || closes === 'both') a.command({ type: 'close', reason: 'enough' })
  if (closes === 'server' || closes === 'both') b.command({ type: 'close', reason: 'enough' })
  if (closes === 'nobody') a.link.options = b.link.options = { ...a.link.options, loss: 1 }
  duo.pair.run(() => bothClosed(duo), LONG_MS)
}

/** What one end has is what the other end has, seen from there. */
function requireAgreement({ client, server }: Duo): void {
  const [a, b] = [client, server].map(({ events }) => events)
  requireSame('LCP', methodOf(a), methodOf(b))
  const [own, other] = [client.find('authenticated')?.keys, server.find('authenticated')?.keys]
  requireSame('keys', own && formatHex(own.send), other && formatHex(other.receive))
  requireSame('keys', own && formatHex(own.receive), other && formatHex(other.send))
  const [ipv4, lease] = [client.find('ipv4-opened'), server.find('ipv4-opened')]
  requireSame('IPv4', ipv4 && formatIpAddress(ipv4.local), lease && formatIpAddress(lease.peer))
  requireSame('IPv4', ipv4 && formatIpAddress(ipv4.peer), lease && formatIpAddress(lease.local))
  const [ipv6, given] = [client.find('ipv6-opened'), server.find('ipv6-opened')]
  requireSame('IPv6', ipv6 && formatHex(ipv6.local), given && formatHex(given.peer))
  requireSame('IPv6', ipv6 && formatHex(ipv6.peer), given && formatHex(given.local))
}

function methodOf(events: readonly PppEvent[] | undefined): string | undefined {
  return events?.flatMap(event => (event.type === 'authenticated' ? [event.method] : [])).join()
}

function requireSame(what: string, a: unknown, b: unknown): void {
  if (a !== b) throw new Error(`${what}: the client has ${a}, the server ${b}`)
}

function requireNothingLeft(duo: Duo): void {
  if (duo.frames.length > MOST_FRAMES) throw new Error(`${duo.frames.length} frames in one life`)
  for (const [name, outside, link] of [
    ['client', duo.client, duo.clientLink],
    ['server', duo.server, duo.serverLink],
  ] as const) {
    const ends = outside.events.filter(({ type }) => type === 'closed')
    const names = outside.events.map(({ type }) => type)
    if (ends.length !== 1 || names.at(-1) !== 'closed') throw new Error(`${name} ends by ${names.join()}`)
    if (outside.find('closed')?.reason === '') throw new Error(`${name} has no reason`)
    if (outside.eapsOpen !== 0) throw new Error(`${name} has left EAP open`)
    if (link.nextTimeout() !== undefined) throw new Error(`${name} has left a timer`)
    for (const once of ['authenticated', 'ipv4-opened', 'ipv6-opened'])
      if (names.filter(type => type === once).length > 1) throw new Error(`${name} is ${once} twice`)
    if (names.includes('ipv4-opened') && !names.includes('authenticated'))
      throw new Error(`${name} is open without authentication`)
  }
}

/** The same families are open at both ends, and each that was begun is open or over. */
function bothOpened({ client, server }: Duo): boolean {
  const families = (outside: Outside): string =>
    (['ipv4-opened', 'ipv6-opened'] as const).filter(type => outside.find(type) !== undefined).join()
  return (
    !isClosed(client) && !isClosed(server) && families(client) !== '' && families(client) === families(server)
  )
}

function bothClosed({ client, server }: Duo): boolean {
  return isClosed(client) && isClosed(server)
}

function isClosed(outside: Outside): boolean {
  return outside.find('closed') !== undefined
}
