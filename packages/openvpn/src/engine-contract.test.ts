import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { assertEngineContract, type ContractSubject, EngineRecorder } from '@causeway/netsim'
import { describe, test } from 'vitest'
import { createOpenVpnClient } from './client/client.ts'
import type { OpenVpnCommand, OpenVpnReply } from './command.ts'
import type { OpenVpnOutput, OpenVpnRequest } from './output.ts'
import type { Path } from './path.ts'
import { createOpenVpnServer } from './server/server.ts'
import {
  CLIENT_ENDPOINT,
  clientOptions,
  createDuo,
  letIn,
  type OpenVpnEngine,
  PUSHED,
  SERVER_ENDPOINT,
  serverOptions,
} from './testing/duo.suite.ts'

const SEED = 42
const unixSeconds = () => 1_700_000_000

type Recorder = EngineRecorder<Path, OpenVpnCommand, OpenVpnOutput>

const ALLOW: OpenVpnReply = { type: 'allow', options: PUSHED, authToken: { token: 'T', username: 'u' } }

/** Asks the user once, then lets it in. */
function askFirst(): (request: OpenVpnRequest) => OpenVpnReply {
  const message = { type: 'challenge-text', text: 'Code?', echo: false, responseRequired: true } as const
  let times = 0
  return request =>
    request.type === 'authenticate' && times++ === 0
      ? { type: 'pending', timeoutSeconds: 60, message }
      : letIn(request)
}

/** Connects once the user has answered, renegotiates and leaves, and gives what each engine was told. */
function recordLives(): { readonly client: Recorder['steps']; readonly server: Recorder['steps'] } {
  const recorders: Recorder[] = []
  const record = (engine: OpenVpnEngine): OpenVpnEngine => {
    const recorder = new EngineRecorder(engine)
    recorders.push(recorder)
    return recorder
  }
  const options = {
    client: { unixSeconds },
    server: { unixSeconds },
    wire: { client: record, server: record },
  }
  const duo = createDuo({ seed: SEED, decide: askFirst(), ...options })
  duo.pair.a.command({ type: 'connect', path: duo.clientPath })
  duo.pair.a.command({ type: 'answer-challenge', session: 1, text: '123456' }, 2000)
  duo.pair.b.command({ type: 'reply', id: 1, reply: ALLOW }, 3000)
  duo.pair.advance(4000)
  if (duo.serverSide.challengeResponses.length !== 1) throw new Error('no answer to record')
  if (duo.server.sessionCount !== 1) throw new Error('no session to record')
  duo.pair.a.command({ type: 'renegotiate', session: 1 }, 4000)
  duo.pair.b.command({ type: 'renegotiate', session: 1 }, 10_000)
  duo.pair.a.command({ type: 'disconnect', session: 1, manner: 'halt', reason: 'enough' }, 20_000)
  duo.pair.advance(30_000)
  const [client, server] = recorders as [Recorder, Recorder]
  return { client: client.steps, server: server.steps }
}

const bytes = new Uint8Array(8)

/** Every command about a session, with these ids. */
function commandsAbout(id: number): OpenVpnCommand[] {
  return [
    { type: 'tls-output', tls: id, bytes },
    { type: 'tls-plaintext', tls: id, bytes },
    { type: 'tls-failed', tls: id, reason: 'gone' },
    { type: 'reply', id, reply: { type: 'trust' } },
    { type: 'reply', id, reply: ALLOW },
    { type: 'reply', id, reply: { type: 'pending', timeoutSeconds: 5 } },
    { type: 'answer-challenge', session: id, text: '123456' },
    { type: 'reply', id, reply: { type: 'deny', reason: 'no', temporary: true } },
    { type: 'disconnect', session: id, manner: 'halt', reason: 'gone' },
    { type: 'renegotiate', session: id },
    { type: 'inband', session: id, payload: bytes },
    { type: 'idle', session: id },
    { type: 'soft-limit', session: id, keyId: 0 },
    { type: 'moved', session: id, path: elsewhere },
    { type: 'stream-closed', stream: id },
  ]
}

const udp = (remote: Path['remote']): Path => ({ type: 'udp', port: 1, remote })
const elsewhere = udp({ ...CLIENT_ENDPOINT, port: 40_001 })
const strayCommands = commandsAbout(99)
const lives = recordLives()

type Subject = ContractSubject<Path, OpenVpnCommand, OpenVpnOutput>

const client: Subject = {
  create: seed => createOpenVpnClient(clientOptions(createSeededCrypto(`${seed} client`), unixSeconds)),
  path: udp(SERVER_ENDPOINT),
  packets: firstPackets(lives.client),
  commands: [{ type: 'connect', path: udp(SERVER_ENDPOINT) }, ...commandsAbout(1), ...commandsAbout(2)],
  strayCommands,
}

const server: Subject = {
  create: seed => createOpenVpnServer(serverOptions(createSeededCrypto(`${seed} server`), unixSeconds)),
  path: udp(CLIENT_ENDPOINT),
  packets: firstPackets(lives.server),
  commands: [
    ...commandsAbout(1),
    ...commandsAbout(2),
    {
      type: 'reply',
      id: 1,
      reply: {
        type: 'pending',
        timeoutSeconds: 60,
        message: { type: 'web-auth', url: 'https://x.example/', flags: [] },
      },
    },
  ],
  strayCommands,
}

/** One of each kind. */
function firstPackets(steps: Recorder['steps']): Uint8Array[] {
  const packets = steps.flatMap(step => (step.type === 'datagram' ? [step.datagram.bytes] : []))
  return [...new Map(packets.toReversed().map(packet => [packet[0], packet])).values()]
}

describe.each([
  ['client', client, lives.client],
  ['server', server, lives.server],
] as const)('the OpenVPN %s keeps the engine contract', (_, subject, life) => {
  test('from its start', () => assertEngineContract(subject, SEED))

  test('through a whole life and after each quarter of it', () =>
    assertEngineContract({ ...subject, life }, SEED))

  test('in a life that no command ends', () => {
    const commands = subject.commands.filter(({ type }) => !ENDING.has(type))
    assertEngineContract({ ...subject, commands, life }, SEED)
  })
})

const ENDING: ReadonlySet<OpenVpnCommand['type']> = new Set(['disconnect', 'idle', 'tls-failed'])
