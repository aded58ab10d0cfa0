import { isDeepStrictEqual } from 'node:util'
import type { ResourceServer, ServedResource } from '../../resources/resource-server.ts'
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
    check: async (next, former) => (isAsBefore(next, former) ? [] : judgeConnectionBody(options, next)),
    apply: change => applyConnectionChange(options, change),
    view: async resource => connectionView(options, resource),
    action: call => connectionAction(options, call),
  }
}

/** Whether a connection is what runs already: other tags are nothing to be judged. */
function isAsBefore({ body }: ServedResource, former: ServedResource | undefined): boolean {
  const { tags: _next, ...next } = body
  const { tags: _former, ...before } = former?.body ?? {}
  return former !== undefined && isDeepStrictEqual(next, before)
}
