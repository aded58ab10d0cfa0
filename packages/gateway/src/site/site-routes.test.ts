import type { Datapath, FlowId, RouteChange } from '@causeway/datapath'
import { formatIpPrefix, type IpPrefix, parseIpPrefix } from '@causeway/wire'
import { beforeEach, expect, test } from 'vitest'
import { SiteRoutes } from './site-routes.ts'

const prefix = (text: string) => parseIpPrefix(text) as IpPrefix
const pair = (to: string, from = '10.1.0.0/16') => ({ prefix: prefix(to), source: prefix(from) })

/** What a datapath would have, by destination, source and metric. */
let table: Map<string, FlowId>
let routes: SiteRoutes

function keyOf({ prefix: to, source, metric = 0 }: RouteChange): string {
  return `${formatIpPrefix(to)} from ${source ? formatIpPrefix(source) : 'any'} #${metric}`
}

beforeEach(() => {
  table = new Map()
  const datapath: Pick<Datapath, 'changeRoutes'> = {
    changeRoutes(changes) {
      for (const change of changes)
        if (change.type === 'add') table.set(keyOf(change), change.flow)
        else table.delete(keyOf(change))
    },
  }
  routes = new SiteRoutes(datapath as Datapath)
})

/** As the datapath does. */
function close(flow: FlowId): void {
  for (const [key, of] of [...table]) if (of === flow) table.delete(key)
  routes.closed(flow)
}

const at = (metric: number, to = '10.2.0.0/16') => table.get(`${to} from 10.1.0.0/16 #${metric}`)

test('flows of one pair have it in the order of their ranks', () => {
  routes.put({ flow: 1, rank: [1, 0], pairs: [pair('10.2.0.0/16')] })
  routes.put({ flow: 2, rank: [0, 5], pairs: [pair('10.2.0.0/16')] })
  routes.put({ flow: 3, rank: [0, 3], pairs: [pair('10.2.0.0/16')] })
  expect([at(0), at(1), at(2), at(3)]).toEqual([3, 2, 1, undefined])
})

test('another rank moves a flow, and nothing is left behind', () => {
  for (const flow of [1, 2, 3]) routes.put({ flow, rank: [flow], pairs: [pair('10.2.0.0/16')] })
  routes.put({ flow: 3, rank: [0], pairs: [pair('10.2.0.0/16')] })
  expect([at(0), at(1), at(2)]).toEqual([3, 1, 2])
  expect(table.size).toBe(3)
})

test('other pairs take the place of the former', () => {
  routes.put({ flow: 1, rank: [0], pairs: [pair('10.2.0.0/16'), pair('10.3.0.0/16')] })
  routes.put({ flow: 1, rank: [0], pairs: [pair('10.3.0.0/16'), pair('10.4.0.0/16')] })
  expect([at(0), at(0, '10.3.0.0/16'), at(0, '10.4.0.0/16')]).toEqual([undefined, 1, 1])
  routes.put({ flow: 1, rank: [0], pairs: [] })
  expect(table.size).toBe(0)
})

test('when a flow is closed the next one moves up, for it has lost its routes', () => {
  for (const flow of [1, 2, 3]) routes.put({ flow, rank: [flow], pairs: [pair('10.2.0.0/16')] })
  close(1)
  expect([at(0), at(1), at(2)]).toEqual([2, 3, undefined])
  close(3)
  close(2)
  expect(table.size).toBe(0)
})
