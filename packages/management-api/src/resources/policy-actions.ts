import type { VirtualNetworkGateway } from '@causeway/api-contract'
import { pointToSiteOf } from '@causeway/gateway'
import type { Call } from '../call/call.ts'
import { type Answer, errorOf, isRefused } from '../envelope/answer.ts'
import { accepted } from './changing.ts'
import { lockKey } from './linked.ts'
import { withValueAt } from './schema-paths.ts'
import { judgeAndStore, presentResource } from './writing.ts'

const CLIENTS = 'properties.vpnClientConfiguration'

/** `POST …/setvpnclientipsecparameters`: a change of the gateway as any other. */
export async function setIpsecParameters(call: Call): Promise<Answer> {
  const { services, body: parameters } = call
  return services.locks.holding({ changes: [lockKey(call.id)], relies: [] }, async () => {
    const present = await presentResource(call)
    if (isRefused(present)) return present.answer
    const { resource, bodies } = present
    // Its shape was checked when it was put.
    if (!pointToSiteOf(bodies.body as unknown as VirtualNetworkGateway)) return withoutClients()
    const body = withValueAt(bodies.body, `${CLIENTS}.vpnClientIpsecPolicies`, [parameters])
    const result = parameters as object
    const change = { id: resource.id, former: resource, formerBodies: bodies, body, result }
    const stored = await judgeAndStore(call, change, call.definition)
    if (isRefused(stored)) return stored.answer
    return stored.operation ? accepted(call.baseUrl, stored.operation) : { status: 200, body: result }
  })
}

function withoutClients(): Answer {
  return errorOf({
    code: 'Conflict',
    message:
      'The gateway has no point-to-site configuration for a policy to be of. Put it with properties.vpnClientConfiguration first.',
    target: CLIENTS,
  })
}
