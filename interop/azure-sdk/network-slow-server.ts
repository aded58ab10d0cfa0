import { setTimeout as wait } from 'node:timers/promises'
import { type ResourceServer, ResourceServerError } from '@causeway/management-api'

/**
 * Stands behind public addresses in these tests, and takes its time: what is made with the tag `fails` cannot be had, and
 * what is called `busy` stays on.
 */
export const slowServer: ResourceServer = {
  apply: async change => {
    await wait(300)
    const { tags } = change.type === 'put' ? change.next : change.former
    if (change.type === 'put' && 'fails' in tags)
      throw new ResourceServerError('Conflict', 'There is no such address on this machine.')
  },
  view: async () => ({ ipAddress: '203.0.113.7' }),
}
