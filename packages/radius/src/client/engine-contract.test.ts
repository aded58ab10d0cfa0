import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { assertEngineContract, type ContractSubject, EngineRecorder } from '@causeway/netsim'
import { asciiBytes } from '@causeway/wire'
import { describe, test } from 'vitest'
import { at, Bench, type Responder, tlsServer, UNIX_SECONDS, udpServer } from '../testing/bench.suite.ts'
import { answerTo, RADSEC } from '../testing/server.suite.ts'
import { CODES } from '../wire/code.ts'
import { createRadiusClient } from './client.ts'
import type { AccessCredential, LaneId, RadiusCommand, RadiusPath, RequestId } from './client-command.ts'
import type { RadiusOutput } from './client-output.ts'

const SEED = 1
const SERVERS = [udpServer('a'), udpServer('b'), tlsServer('c', { score: 1 })]

type Subject = ContractSubject<RadiusPath, RadiusCommand, RadiusOutput>
type Recorder = EngineRecorder<RadiusPath, RadiusCommand, RadiusOutput>

const challenging: Responder = (request, server) => {
  const secret = server === 'c' ? { secret: RADSEC } : {}
  const isAccess = request.code === CODES.ACCESS_REQUEST
  if (!isAccess || request.attributes.some(({ type }) => type === 24)) return answerTo(request, secret)
  const attributes = [{ name: 'State', value: Uint8Array.of(7) }] as const
  return answerTo(request, { ...secret, code: CODES.ACCESS_CHALLENGE, attributes })
}

/** Challenges, fail-over to a connection and back, accounting and rest; what the engine was told. */
function recordLife(): Recorder['steps'] {
  let recorder: Recorder | undefined
  const bench = new Bench({
    servers: SERVERS,
    seed: SEED,
    respond: challenging,
    wire: client => {
      recorder = new EngineRecorder(client)
      return recorder
    },
  })
  bench.access(1)
  bench.advance(100)
  const challenge = bench.answers.get(1)
  if (challenge?.type === 'challenge') bench.access(2, { continuation: challenge.continuation })
  bench.command({ type: 'accounting', id: 3, record: { status: 'start', sessionId: 's' }, attributes: [] })
  bench.advance(100)
  bench.respond = (request, server) => (server === 'c' ? challenging(request, server) : undefined)
  for (const id of [4, 5]) bench.access(id)
  bench.advance(60_000)
  bench.respond = challenging
  bench.access(6)
  bench.advance(20_000)
  for (const id of [2, 3, 4, 5, 6]) if (!bench.answers.has(id)) throw new Error(`no answer to ${id}`)
  return recorder?.steps ?? []
}

const CREDENTIALS: readonly AccessCredential[] = [
  { type: 'password', password: asciiBytes('hello') },
  { type: 'eap', packet: Uint8Array.of(2, 1, 0, 5, 1) },
]

function requests(id: RequestId): RadiusCommand[] {
  const state = Uint8Array.of(1, 2)
  return [
    ...CREDENTIALS.map((credential, i) => access(id + i, credential)),
    { ...access(id, CREDENTIALS[0] as AccessCredential), continuation: { server: 'a', state } },
    { type: 'accounting', id: id + 2, record: { status: 'on', sessionId: '1' }, attributes: [] },
  ]
}

function access(id: RequestId, credential: AccessCredential): Extract<RadiusCommand, { type: 'access' }> {
  return { type: 'access', id, userName: 'alice', credential, attributes: [] }
}

function commandsAbout(lane: LaneId): RadiusCommand[] {
  return [
    { type: 'cancel', id: lane },
    { type: 'connected', lane },
    { type: 'bytes', lane, bytes: Uint8Array.of(2, 1, 0, 20, 1) },
    { type: 'bytes', lane, bytes: new Uint8Array(30) },
    { type: 'closed', lane, reason: 'reset' },
  ]
}

const life = recordLife()
const packets = life.flatMap(step => (step.type === 'datagram' ? [step.datagram.bytes] : []))

const subject: Subject = {
  create: seed =>
    createRadiusClient({
      crypto: createSeededCrypto(seed),
      servers: SERVERS,
      nas: { identifier: 'gateway' },
      unixSeconds: () => UNIX_SECONDS,
    }),
  path: { lane: 1, remote: at('192.0.2.1', 1812) },
  packets: packets.slice(0, 4),
  commands: [...requests(100), ...[1, 2, 3, 4].flatMap(commandsAbout), { type: 'servers', servers: SERVERS }],
  strayCommands: commandsAbout(99),
}

describe('the client keeps the engine contract', () => {
  test('from its start', () => assertEngineContract(subject, SEED))

  test('through a whole life and after each quarter of it', () =>
    assertEngineContract({ ...subject, life }, SEED))

  test('with servers that come and go', () => {
    const changes = [[], SERVERS.slice(1), SERVERS].map(servers => ({ type: 'servers', servers }) as const)
    assertEngineContract({ ...subject, commands: [...subject.commands, ...changes], life }, SEED)
  })
})
