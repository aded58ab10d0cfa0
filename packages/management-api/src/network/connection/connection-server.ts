import type { ResourceServer } from '../../resources/resource-server.ts'
import type { NetworkOptions } from '../network-options.ts'
import { connectionAction } from './connection-actions.ts'
import { applyConnectionChange } from './connection-apply.ts'
import { judgeConnectionBody } from './connection-check.ts'
import { endAt, isBetweenGateways, REMOTE_PATH } from './connection-peer.ts'
import { connectionView } from './connection-view.ts'

/** What stands behind `Microsoft.Network/connections`: the tunnels of the running gateway. */
export function connectionServer(options: NetworkOptions): ResourceServer {
  return {
    elsewhere: next => (isBetweenGateways(next) ? [endAt(next, REMOTE_PATH) ?? ''] : []),
    check: next => judgeConnectionBody(options, next),
    apply: change => applyConnectionChange(options, change),
    view: async resource => connectionView(options, resource),
    action: call => connectionAction(options, call),
  }
}
