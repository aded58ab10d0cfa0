import type { AccountingRecord } from '@causeway/radius'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SessionTable } from '../session/session-table.ts'
import { address, recordingLog } from '../testing/test-gateway.suite.ts'
import { Accounting } from './accounting.ts'
import type { AccountingQuestion } from './radius-service.ts'
import { BEGUN, RADIUS_TERMS, testSession } from './sessions.suite.ts'

const ON = { on: true, interimSeconds: 600 } as const

let table: SessionTable
let accounting: Accounting
let sent: AccountingQuestion[]

beforeEach(() => {
  vi.useFakeTimers({ now: BEGUN * 1_000 })
  sent = []
  const clock = { now: () => Date.now(), unixSeconds: () => Date.now() / 1_000 }
  table = new SessionTable(clock, () => undefined)
  accounting = new Accounting({
    servers: {
      record: question => {
        sent.push(question)
        return Promise.resolve({ type: 'recorded', server: 'one' })
      },
    },
    clock,
    log: recordingLog().log,
  })
  table.watchedBy(accounting)
})

afterEach(async () => {
  await accounting.stop()
  vi.useRealTimers()
})

/** Records so far, without those before. */
async function recorded(milliseconds = 0): Promise<AccountingRecord[]> {
  await vi.advanceTimersByTimeAsync(milliseconds)
  return sent.splice(0).map(({ record }) => record)
}

const statuses = (records: readonly AccountingRecord[]) => records.map(({ status }) => status)

test('a session that RADIUS let in is told from its beginning to its end, in the words of the server', async () => {
  accounting.use(ON, [])
  const session = testSession('a1', 'alice', RADIUS_TERMS)
  table.add(session)
  await vi.advanceTimersByTimeAsync(0)
  expect(sent[1]?.attributes).toEqual([
    { name: 'Service-Type', value: 2 },
    { name: 'Framed-Protocol', value: 1 },
    { name: 'NAS-Port-Type', value: 5 },
    { name: 'MS-Network-Access-Server-Type', value: 2 },
    { name: 'Calling-Station-Id', value: '2001:db8::7' },
    { name: 'NAS-Port', value: 0xa1 },
    { name: 'NAS-Port-Id', value: 'a1' },
    { name: 'Connect-Info', value: 'OpenVPN' },
    { name: 'Acct-Authentic', value: 1 },
  ])
  const common = {
    sessionId: '67410000-a1',
    userName: 'alice@corp.test',
    classes: [Uint8Array.of(7)],
    addresses: [address('10.8.0.2'), address('fd00:8::2')],
  }
  expect(await recorded()).toEqual([
    { status: 'on', sessionId: expect.stringMatching(/^[0-9a-f]{12}$/), ageSeconds: 0 },
    { status: 'start', ageSeconds: 0, ...common },
  ])
  session.packets = 3
  table.explain('a1', 'admin-reset')
  table.explain('a1', 'user-request')
  table.remove('a1')
  expect(await recorded(61_500)).toEqual([
    {
      status: 'stop',
      ageSeconds: 0,
      ...common,
      sessionSeconds: 0,
      terminateCause: 'admin-reset',
      counters: { inputOctets: 2n ** 33n + 5n, outputOctets: 0n, inputPackets: 3n, outputPackets: 0n },
    },
  ])
})

test('interim records come as often as the server says, else as the configuration does', async () => {
  accounting.use(ON, [])
  const often = { ...RADIUS_TERMS.accounting, userName: 'bob', classes: [], interimSeconds: 60 }
  const bob = testSession('b', 'bob', { accounting: often })
  table.add(testSession('a', 'alice', RADIUS_TERMS))
  table.add(bob)
  await recorded()
  const records = await recorded(601_000)
  expect(statuses(records)).toEqual(Array.from({ length: 11 }, () => 'interim'))
  expect(records[0]).toMatchObject({ userName: 'bob', sessionSeconds: 60 })
  accounting.reportEvery(bob, 300)
  accounting.use({ on: true, interimSeconds: 0 }, table.all())
  expect((await recorded(601_000)).map(({ userName }) => userName)).toEqual(['bob', 'bob'])
})

test('sessions of others are told only where the configuration says so', async () => {
  accounting.use(ON, [])
  table.add(testSession('c', 'carol'))
  table.remove('c')
  expect(statuses(await recorded())).toEqual(['on'])
  table.add(testSession('d', 'dave'))
  accounting.use({ ...ON, everySession: true }, table.all())
  table.remove('d')
  const records = await recorded()
  expect(statuses(records)).toEqual(['start', 'stop'])
  expect(records[1]).toMatchObject({ userName: 'dave', terminateCause: 'lost-carrier' })
})

test('switched off it says so, and nothing more of the sessions', async () => {
  accounting.use(ON, [])
  table.add(testSession('a', 'alice', RADIUS_TERMS))
  await recorded()
  vi.useRealTimers()
  await accounting.stop()
  table.remove('a')
  table.add(testSession('b', 'bob', RADIUS_TERMS))
  expect(statuses(sent.map(({ record }) => record))).toEqual(['off'])
})

test('a session that moves stays where it began', async () => {
  accounting.use(ON, [])
  const session = { ...testSession('a', 'alice', RADIUS_TERMS) }
  table.add(session)
  session.outer = () => '192.0.2.9:500'
  table.remove('a')
  await vi.advanceTimersByTimeAsync(0)
  const stations = sent.map(({ attributes }) => attributes.find(({ name }) => name === 'Calling-Station-Id'))
  expect(stations.map(station => station?.value)).toEqual([undefined, '2001:db8::7', '2001:db8::7'])
})

test('a session that has left the list is told when it is gone, once', async () => {
  accounting.use(ON, [])
  const session = testSession('a', 'alice', RADIUS_TERMS)
  table.add(session)
  table.unlist('a')
  expect(table.all()).toEqual([])
  expect(statuses(await recorded())).toEqual(['on', 'start'])
  table.explain('a', 'user-request')
  table.clear()
  table.remove('a')
  expect(await recorded()).toMatchObject([{ status: 'stop', terminateCause: 'user-request' }])
})
