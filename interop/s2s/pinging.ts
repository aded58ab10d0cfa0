import { expect } from 'vitest'
import { ping } from '../harness/ping.ts'
import type { Site } from '../harness/site-topology.ts'
import { ADDRESSES } from '../harness/topology.ts'

/** How many echoes, of one every 50 ms, may be on their way while one session takes over from another. */
const IN_FLIGHT = 1

/**
 * Pings from a site's host to the inside host until the work is done, and a little longer. Errors: the work's, or echoes
 * did not come back.
 */
export async function meanwhileWhole(site: Site, work: () => Promise<void>): Promise<void> {
  let isDone = false
  const pinging = (async () => {
    let lost = 0
    for (let isLast = false; !isLast; ) {
      isLast = isDone
      const echoes = { count: 10, intervalSeconds: 0.05 }
      const { sent, received } = await ping(site.host, ADDRESSES.inside, echoes)
      lost += sent - received
    }
    return lost
  })()
  try {
    await work()
  } finally {
    isDone = true
  }
  expect(await pinging).toBeLessThanOrEqual(IN_FLIGHT)
}
