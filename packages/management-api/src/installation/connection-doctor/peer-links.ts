import { isIP } from 'node:net'
import type { FindingView } from '@causeway/api-contract'
import type { ConnectionPeer, ConnectionRecord } from '@causeway/gateway'
import { isSameId } from '../../network/gateway-resource.ts'
import type { DoctorOptions, Examined } from './examined.ts'
import { bad, good, warning } from './link.ts'

/** Where the other side is, and how the connection stands. */
export async function peerLinks(options: DoctorOptions, examined: Examined): Promise<readonly FindingView[]> {
  const { gateway } = options
  const inForce = gateway.connectionsInForce().find(each => isSameId(each.connection.id, examined.id))
  if (!inForce) return []
  const place = placeOf(options, inForce.peer)
  return [
    await addressLink(options, place),
    ...(examined.record ? standingLinks(examined.record) : [unseen()]),
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

function standingLinks({ status, reason, tunnels, notes }: ConnectionRecord): readonly FindingView[] {
  return [
    statusLink('status', status, reason.message),
    ...(tunnels.length < 2
      ? []
      : tunnels.map(each => statusLink(`tunnel ${each.tunnel}`, each.status, each.reason.message))),
    ...notes.map(note => warning('note', note)),
  ]
}

function statusLink(check: string, status: ConnectionRecord['status'], reason: string): FindingView {
  switch (status) {
    case 'Connected':
      return good(check, `Connected: ${reason}`)
    case 'Connecting':
    case 'Unknown':
      return warning(check, `${status}: ${reason}`, 'wait a moment, and look again')
    case 'NotConnected':
      return bad(
        check,
        `NotConnected: ${reason}`,
        "mend what the reason names; the gateway's log has every try",
      )
    default:
      return status satisfies never
  }
}
