import { parsePing } from '../harness/ping.ts'
import { ADDRESSES, BRIDGE, type Topology } from '../harness/topology.ts'
import { Guest } from './guest.ts'

/** A minute to build the guest's root the first time, on top of the scenario itself. */
export const GUEST_BUILD_LIMIT_MS = 600_000

/** The guest's own address. */
export const GUEST_ADDRESS = '10.77.1.100'

/** A guest where the clients of a topology are. */
export function bootGuest(topology: Topology): Promise<Guest> {
  return Guest.boot({
    namespace: topology.router,
    bridge: BRIDGE,
    addresses: [`${GUEST_ADDRESS}/24`, 'fd77:1::100/64'],
    via: [ADDRESSES.router, ADDRESSES.router6],
  })
}

/**
 * Errors: not every echo came back, or not as many as there have to be, twice in a row: the guest's kernel misses an
 * interrupt of its network at times.
 */
export async function expectEchoes(
  guest: Guest,
  address: string,
  { count = 5, least = count, source = '' }: { count?: number; least?: number; source?: string } = {},
): Promise<void> {
  const from = source === '' ? '' : `-I ${source}`
  const ping = `ping -n ${from} -c ${count} -i 0.1 -W 3 ${address} || true`
  const first = parsePing(await guest.runOk(ping), count)
  if (first.received >= least) return
  const text = await guest.runOk(ping)
  const { received } = parsePing(text, count)
  if (received < least)
    throw new Error(`${first.received}, then ${received} of ${count} echoes from ${address}\n${text}`)
}
