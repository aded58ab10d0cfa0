import { isIP } from 'node:net'
import type { FindingView } from '@causeway/api-contract'
import type { ConnectionPeer, ConnectionRecord } from '@causeway/gateway'
import { isSameId } from '../../network/gateway-resource.ts'
import type { DoctorOptions, Examined } from './examined.ts'
import { bad, good, refusal, warning } from './link.ts'

/**
 * Where the other side is, and how the connection stands.
 *
 * @param before what was found already: a note that is in it is not told again
 */
export async function peerLinks(
  options: DoctorOptions,
  examined: Examined,
  before: readonly FindingView[],
): Promise<readonly FindingView[]> {
  const { gateway } = options
  const inForce = gateway.connectionsInForce().find(each => isSameId(each.connection.id, examined.id))
  if (!inForce) return []
  const place = placeOf(options, inForce.peer)
  return [
    await addressLink(options, place),
    ...(examined.record ? standingLinks(examined.record, before) : [unseen()]),
  ]
}

/** A shared key of a connection without certificates. Nothing of it is told. */
export function keyLink({ connection }: Examined): FindingView {
  const check = 'shared key'
  if ((connection.properties.sharedKey ?? '') !== '') return good(check, 'there is one')
  const fix = 'set it (az network vpn-connection shared-key update), the same as at the other side'
  return bad(check, 'there is none', fix)
}

function placeOf({ gateway }: DoctorOptions, peer: ConnectionPeer): string | undefined {
  if (peer.type === 'local-gateway') return peer.address ?? peer.fqdn
  const { remoteGateways = [] } = gateway.settings().sites ?? {}
  const remote = remoteGateways.find(({ id }) => isSameId(id, peer.id))
  return remote?.address ?? remote?.fqdn
}

async function addressLink({ resolve }: DoctorOptions, place: string | undefined): Promise<FindingView> {
  const check = "peer's address"
  if (place === undefined)
    return bad(check, 'the other side has no address', 'give its local network gateway an address or a name')
  if (isIP(place) !== 0) return good(check, place)
  const addresses = await resolve(place).catch(() => [])
  if (addresses.length > 0) return good(check, `${place} is ${addresses.join(', ')}`)
  return bad(
    check,
    `the name ${place} has no address`,
    'correct it in the local network gateway, or its name server',
  )
}

function unseen(): FindingView {
  return warning('status', 'the gateway has not begun with it yet', 'wait a moment, and look again')
}

function standingLinks(
  { status, reason, tunnels, notes }: ConnectionRecord,
  before: readonly FindingView[],
): readonly FindingView[] {
  // What the vault refused it may give by now: the reason is of the gateway's last look.
  const isOver = reason.code === 'certificate-refused' && before.every(({ state }) => state !== 'bad')
  const isNew = (note: string): boolean => !before.some(({ detail }) => detail.includes(note))
  return [
    ...notes.filter(isNew).map(note => noteLink(note, status)),
    statusLink('status', status, reason.message, isOver ? LOOKS_AGAIN : MEND),
    ...(tunnels.length < 2
      ? []
      : tunnels.map(each => statusLink(`tunnel ${each.tunnel}`, each.status, each.reason.message, MEND))),
  ]
}

/** How the gateway tells of the last peer that was not its connection's. */
const REFUSED_PEER = /^a peer at \S+ was not let in: /

/** Whom a connection refuses while it is up is somebody else; while it is not, it is most likely the device. */
function noteLink(note: string, status: ConnectionRecord['status']): FindingView {
  if (!REFUSED_PEER.test(note)) return warning('note', note)
  const check = 'last refused peer'
  if (status === 'Connected') return warning(check, note)
  return refusal(check, note, "correct the device, or the connection's inbound chain and subject")
}

const MEND = "mend what the reason names; the gateway's log has every try"
const LOOKS_AGAIN = 'none: what it names is mended, and the gateway looks again within five minutes'

function statusLink(
  check: string,
  status: ConnectionRecord['status'],
  reason: string,
  fix: string,
): FindingView {
  switch (status) {
    case 'Connected':
      return good(check, `Connected: ${reason}`)
    case 'Connecting':
    case 'Unknown':
      return warning(check, `${status}: ${reason}`, 'wait a moment, and look again')
    case 'NotConnected':
      return bad(check, `NotConnected: ${reason}`, fix)
    default:
      return status satisfies never
  }
}
