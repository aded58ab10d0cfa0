import type { Engine } from '@causeway/engine'
import { assertEngineContract, type ContractSubject, EngineRecorder } from '@causeway/netsim'
import { describe, test } from 'vitest'
import type { ConnectionEngine } from './connection.ts'
import type { ConnectionCommand, ConnectionReply, SessionNews } from './connection-command.ts'
import type { ConnectionOutput } from './connection-output.ts'
import type { ConnectionPlan } from './connection-plan.ts'
import {
  at,
  BEGINNING_SECONDS,
  Bench,
  CERTIFICATE_PLAN,
  createTestConnection,
  DAY_SECONDS,
  PSK_PLAN,
} from './testing/bench.suite.ts'

const SEED = 1
const NAMED: ConnectionPlan = { ...CERTIFICATE_PLAN, remote: { type: 'name', name: 'peer.example' } }
const TWO: ConnectionPlan = {
  ...NAMED,
  tunnels: [...PSK_PLAN.tunnels, { tunnel: 't1', local: at('192.0.2.2') }],
}

type Subject = ContractSubject<undefined, ConnectionCommand, ConnectionOutput>

/** The contract's engines take packets; this one has none. */
function withPackets(engine: ConnectionEngine): Engine<undefined, ConnectionCommand, ConnectionOutput> {
  return {
    handleDatagram: () => undefined,
    handleCommand: (command, now) => engine.handleCommand(command, now),
    handleTimeout: now => engine.handleTimeout(now),
    poll: () => engine.poll(),
    nextTimeout: () => engine.nextTimeout(),
  }
}

/** Name, certificate, session, loss, refusals, renewal and a change; what the engine was told. */
function recordLife(): Subject['life'] {
  const recorders: EngineRecorder<undefined, ConnectionCommand, ConnectionOutput>[] = []
  const bench = new Bench(engine => {
    const recorder = new EngineRecorder(withPackets(engine))
    recorders.push(recorder)
    return recorder
  }, SEED)
  bench.configure(NAMED)
  bench.give('v1', 8)
  bench.reply({ type: 'addresses', addresses: [at('198.51.100.1')] })
  bench.fail()
  bench.advance(2_000)
  bench.close(bench.connect())
  bench.advance(5_000)
  bench.connect()
  bench.advance(60_000)
  bench.command({ type: 'material-changed' })
  bench.give('v2')
  bench.advance(1_000)
  bench.comeIn()
  bench.configure({ ...TWO, digests: { ...TWO.digests, ike: 'ike 2' } })
  bench.advance(100_000)
  return recorders[0]?.steps ?? []
}

const REPLIES: readonly ConnectionReply[] = [
  {
    type: 'material',
    material: { version: 'v9', notAfterSeconds: BEGINNING_SECONDS + DAY_SECONDS, fingerprint: 'f' },
  },
  { type: 'material-refused', refusal: { reason: 'forbidden', message: 'No role.', isTemporary: false } },
  { type: 'addresses', addresses: [] },
  { type: 'not-resolved', reason: 'SERVFAIL' },
]

function about(session: number): ConnectionCommand[] {
  const established = { tunnel: 't0', terms: 1, material: 'v9', order: `${session}` }
  const news: SessionNews[] = [
    { type: 'established', initiator: 'us', isProven: true, ...established },
    { type: 'established', initiator: 'peer', isProven: true, ...established },
    { type: 'established', initiator: 'peer', isProven: false, ...established },
  ]
  return [...news.map(event => ({ type: 'session', session, event }) as const), ...over(session)]
}

function over(session: number): ConnectionCommand[] {
  return [
    { type: 'child', session, child: 1, isUp: true },
    { type: 'child', session, child: 1, isUp: false },
    { type: 'session', session, event: { type: 'refused', reason: 'no answer', byPeer: false } },
    { type: 'session', session, event: { type: 'closed', reason: 'DELETE', byPeer: true } },
  ]
}

const subject: Subject = {
  create: seed => {
    let sessions = 0
    return withPackets(
      createTestConnection(
        seed,
        () => BEGINNING_SECONDS,
        () => ++sessions,
      ),
    )
  },
  path: undefined,
  packets: [Uint8Array.of(1, 2, 3, 4)],
  commands: [
    ...[PSK_PLAN, NAMED, TWO, undefined, TWO].map(plan => ({ type: 'configure', plan }) as const),
    ...[1, 2, 3].flatMap(id => REPLIES.map(reply => ({ type: 'reply', id, reply }) as const)),
    ...[1, 2, 100].flatMap(about),
    { type: 'incoming', session: 101, tunnel: 't0' },
    { type: 'reset' },
    { type: 'material-changed' },
  ],
  strayCommands: [
    ...over(7),
    { type: 'reset' },
    { type: 'material-changed' },
    { type: 'configure', plan: undefined },
    ...REPLIES.map(reply => ({ type: 'reply', id: 1, reply }) as const),
  ],
}

describe('a connection keeps the engine contract', () => {
  test('from its start', () => assertEngineContract(subject, SEED))

  test('through a life and after each quarter of it', () =>
    assertEngineContract({ ...subject, life: recordLife() ?? [] }, SEED))
})
