import { assertEngineContract, type ContractSubject, EngineRecorder } from '@causeway/netsim'
import { describe, test } from 'vitest'
import type { PppAuthentication } from '../authentication.ts'
import type { PppCommand } from '../link-command.ts'
import type { PppOutput } from '../link-output.ts'
import { createDuo, meet } from '../testing/duo.suite.ts'
import { clientOptions, NETWORK, serverOptions } from '../testing/options.suite.ts'
import { createPppLink } from './ppp-link.ts'

const SEED = 42

type Recorder = EngineRecorder<undefined, PppCommand, PppOutput>
type Subject = ContractSubject<undefined, PppCommand, PppOutput>

const METHODS: readonly PppAuthentication[] = ['eap', 'chap-mschapv2', 'pap']
const keys = { send: new Uint8Array(16).fill(1), receive: new Uint8Array(16).fill(2) }

/** Meets, idles through some echoes, and parts. */
function recordLives(method: PppAuthentication): { readonly client: Recorder; readonly server: Recorder } {
  const recorders = new Map<string, Recorder>()
  const duo = createDuo({
    seed: SEED,
    server: { authentication: [method] },
    wire: (link, role) => {
      const recorder = new EngineRecorder(link)
      recorders.set(role, recorder)
      return recorder
    },
  })
  meet(duo)
  duo.pair.advance(100_000)
  duo.pair.a.command({ type: 'close', reason: 'enough' })
  duo.pair.advance(10_000)
  if (!duo.server.find('closed') || !duo.client.find('closed')) throw new Error('no life to record')
  return { client: recorders.get('client') as Recorder, server: recorders.get('server') as Recorder }
}

/** Every command that may come at any time: replies of a wrong kind count as refusals. */
function commands(id: number): PppCommand[] {
  const bytes = new Uint8Array(8).fill(3)
  return [
    { type: 'eap-packet', packet: bytes },
    { type: 'eap-success', packet: bytes, keys },
    { type: 'eap-failure', packet: bytes, reason: 'no' },
    { type: 'reply', id, reply: { type: 'allow', authenticatorResponse: `S=${'0'.repeat(40)}`, keys } },
    { type: 'reply', id, reply: { type: 'allow', keys } },
    { type: 'reply', id, reply: { type: 'network', network: NETWORK } },
    { type: 'reply', id, reply: { type: 'pap-credentials', username: bytes, password: bytes } },
    {
      type: 'reply',
      id,
      reply: {
        type: 'mschapv2-response',
        username: bytes,
        peerChallenge: new Uint8Array(16),
        ntResponse: new Uint8Array(24),
      },
    },
    { type: 'reply', id, reply: { type: 'trusted', keys } },
    { type: 'reply', id, reply: { type: 'deny', reason: 'no' } },
  ]
}

function frames({ steps }: Recorder): Uint8Array[] {
  return steps.flatMap(step => (step.type === 'datagram' ? [step.datagram.bytes] : []))
}

describe.each(METHODS)('PPP by %s keeps the engine contract', method => {
  const lives = recordLives(method)
  const stray: PppCommand[] = [
    ...commands(99),
    { type: 'close', reason: 'no' },
    { type: 'down', reason: 'no' },
  ]
  const server: Subject = {
    create: seed => createPppLink(serverOptions(seed, { authentication: [method] })),
    path: undefined,
    packets: frames(lives.server),
    commands: [{ type: 'open' }, ...commands(1), ...commands(2), { type: 'close', reason: 'bye' }],
    strayCommands: stray,
  }
  const client: Subject = {
    ...server,
    create: seed => createPppLink(clientOptions(seed)),
    packets: frames(lives.client),
  }

  test.each([
    ['server', server, lives.server],
    ['client', client, lives.client],
  ] as const)('as %s, from its start and through a whole life', (_, subject, { steps }) => {
    assertEngineContract(subject, SEED)
    assertEngineContract({ ...subject, life: steps }, SEED)
  })

  test.each([
    ['server', server, lives.server],
    ['client', client, lives.client],
  ] as const)('as %s, in a life that no command ends', (_, subject, { steps }) => {
    const lasting = subject.commands.filter(({ type }) => !['close', 'eap-failure', 'reply'].includes(type))
    assertEngineContract({ ...subject, commands: lasting, life: steps.slice(0, -3) }, SEED)
  })
})
