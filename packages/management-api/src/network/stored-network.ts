import { parseResourceId, type ResourceId, type ResourceTypeName } from '@causeway/api-contract'
import type { Services } from '../call/services.ts'
import { runningBody } from '../resources/changing.ts'
import { lockKey } from '../resources/linked.ts'
import type { ServedResource } from '../resources/resource-server.ts'
import { servedResource, viewOf } from '../resources/resource-view.ts'
import { judgeRight } from '../rights/caller.ts'
import type { NetworkResources } from './network-options.ts'

/** The key that keeps changes of what is in force apart. Ids, which keys of resources are, begin with a slash. */
const IN_FORCE = 'in force'

/** The stored resources, as the network's servers see them. `services` is asked for when there are some. */
export function storedNetwork(services: () => Services): NetworkResources {
  return {
    read: id => bodyOf(services(), id, false),
    running: id => bodyOf(services(), id, true),
    view: async text => {
      const id = idOf(text)
      const found = id && (await services().resources.read(id))
      return found && viewOf(services(), found)
    },
    ofType: type => ofType(services(), type),
    usersOf: text => {
      const id = idOf(text)
      return id ? services().resources.references.usersOf(id) : []
    },
    judgeRight: (caller, right, id) => judgeRight(services().roles, caller, right, id),
    changing: (relies, work) => {
      const keys = relies.flatMap(text => idOf(text) ?? []).map(lockKey)
      return services().locks.holding({ changes: [IN_FORCE], relies: keys }, work)
    },
  }
}

async function bodyOf(
  { resources }: Services,
  text: string,
  isRunning: boolean,
): Promise<ServedResource | undefined> {
  const id = idOf(text)
  const found = id && (await resources.read(id))
  if (!found) return undefined
  const bodies = await resources.bodiesOf(found)
  const running = isRunning ? runningBody(found, bodies) : undefined
  return servedResource(found.id, found.document, running ?? bodies.body)
}

async function ofType({ resources }: Services, type: ResourceTypeName): Promise<readonly ServedResource[]> {
  const found: ServedResource[] = []
  for await (const resource of resources.below(undefined))
    if (resource.document.type === type)
      found.push(servedResource(resource.id, resource.document, (await resources.bodiesOf(resource)).body))
  return found
}

function idOf(text: string): ResourceId | undefined {
  const read = parseResourceId(text)
  return read.type === 'good' ? read.id : undefined
}
