import { type FindingView, judgeConnection, type VirtualNetworkGateway } from '@causeway/api-contract'
import { isSameId } from '../../network/gateway-resource.ts'
import type { DoctorOptions, Examined } from './examined.ts'
import { bad, good, warning } from './link.ts'

/** The connection's resource, the gateway that it is of, and whether both are in force. */
export function gatewayLinks(options: DoctorOptions, examined: Examined): readonly FindingView[] {
  const wanted = examined.connection.properties.virtualNetworkGateway1.id
  const present = options.gateway.present()
  if (!present || !isSameId(present.resource.id, wanted))
    return [
      resourceLink(examined),
      bad(
        'gateway',
        present
          ? `the connection is of ${wanted}, and ${present.resource.id} runs here`
          : 'there is no gateway that runs',
        'put the gateway again: its operation says what keeps it from running',
      ),
    ]
  const { resource } = present
  const gateway = good('gateway', `${resource.name ?? resource.id} runs`)
  return [resourceLink(examined), gateway, forceLink(options, examined), skuLink(examined, resource)]
}

function resourceLink({ document: { state, applied } }: Examined): FindingView {
  switch (state) {
    case 'Succeeded':
      return good('connection', 'its last change succeeded')
    case 'Failed':
    case 'Canceled': {
      const detail = `its last change ended ${state}${applied ? '; what was before it holds' : ''}`
      return bad('connection', detail, 'put it again: the operation says what is wrong')
    }
    default:
      return warning('connection', `it is just being changed (${state})`, 'wait for the operation to end')
  }
}

function forceLink({ gateway }: DoctorOptions, { id }: Examined): FindingView {
  const isInForce = gateway.connectionsInForce().some(({ connection }) => isSameId(connection.id, id))
  if (isInForce) return good('in force', 'the gateway runs with it')
  return bad(
    'in force',
    'the gateway does not run with it',
    'put the connection again, and look at its operation',
  )
}

/** Whether the gateway's SKU goes with the connection. What is advised of it is among the gateway's notes. */
function skuLink({ connection }: Examined, gateway: VirtualNetworkGateway): FindingView {
  const name = gateway.properties.sku?.name ?? 'none'
  const [fault] = judgeConnection(connection, gateway).filter(({ rule }) => rule === 'feature')
  if (fault) return bad('SKU', fault.problem, fault.remedy)
  return good('SKU', name)
}
