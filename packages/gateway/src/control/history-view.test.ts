import { type HistoryEntry, openMemoryStore } from '@causeway/store'
import { expect, it, onTestFinished } from 'vitest'
import { historyView } from './history-view.ts'

const GROUP = 'resources/subscriptions/s/resourcegroups/rg'
const entry = (at: number, target: string): HistoryEntry => ({
  at,
  who: 'ann',
  action: 'Microsoft.Network/virtualNetworks/write',
  target,
  after: { at },
})

it('tells what was changed, newest first, of one resource or of all', async () => {
  const store = await openMemoryStore()
  onTestFinished(() => store.close())
  const targets = [GROUP, `${GROUP}/providers/vnet`, 'role-assignments/r']
  await store.commit(targets.map((target, i) => ({ type: 'record', entry: entry(i + 1, target) })))
  const all = await historyView(store, {})
  expect(all.map(({ at, target }) => [at, target])).toEqual([
    [3, 'role-assignments/r'],
    [2, '/subscriptions/s/resourcegroups/rg/providers/vnet'],
    [1, '/subscriptions/s/resourcegroups/rg'],
  ])
  expect(all[0]).toEqual({ ...entry(3, 'role-assignments/r') })
  const ofGroup = await historyView(store, { target: '/subscriptions/S/resourceGroups/RG/' })
  expect(ofGroup.map(({ at }) => at)).toEqual([2, 1])
  expect((await historyView(store, { limit: 1 })).map(({ at }) => at)).toEqual([3])
})
