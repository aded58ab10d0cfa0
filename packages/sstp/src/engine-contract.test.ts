import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { assertEngineContract, type ContractSubject, EngineRecorder } from '@causeway/netsim'
import { describe, test } from 'vitest'
import type { CallId, SstpCommand } from './sstp-command.ts'
import { createSstpEngine, type SstpEngine } from './sstp-engine.ts'
import type { SstpOutput } from './sstp-output.ts'
import { CALL, CERTIFICATE, SETTINGS } from './testing/bench.suite.ts'
import { createDuo, meet } from './testing/duo.suite.ts'
import { writeControlPacket } from './wire/packet.ts'

const SEED = 42

type Recorder = EngineRecorder<CallId, SstpCommand, SstpOutput>
type Subject = ContractSubject<CallId, SstpCommand, SstpOutput>

/** Connects by EAP, idles through echoes and leaves, and gives what each engine was told. */
function recordLives(): Record<'client' | 'server', Recorder['steps']> {
  const recorders: Partial<Record<'client' | 'server', Recorder>> = {}
  const duo = createDuo({
    seed: SEED,
    wire: (engine: SstpEngine, role) => {
      const recorder = new EngineRecorder(engine)
      recorders[role] = recorder
      return recorder
    },
  })
  meet(duo)
  if (duo.server.flows.size !== 1) throw new Error('no call to record')
  duo.pair.advance(130_000)
  duo.pair.a.command({ type: 'disconnect', call: CALL, reason: 'enough' })
  duo.pair.advance(20_000)
  return { client: recorders.client?.steps ?? [], server: recorders.server?.steps ?? [] }
}

const bytes = Uint8Array.of(2, 1, 0, 5, 255)
const keys = { send: new Uint8Array(32).fill(1), receive: new Uint8Array(32).fill(2) }

/** Every command about a call. */
function commandsAbout(call: CallId): SstpCommand[] {
  return [
    { type: 'eap-packet', call, packet: bytes },
    { type: 'eap-success', call, packet: bytes, keys },
    { type: 'eap-failure', call, reason: 'no' },
    { type: 'reply', id: call, reply: { type: 'allow', keys } },
    { type: 'reply', id: call, reply: { type: 'deny', reason: 'no' } },
    { type: 'disconnect', call, reason: 'enough' },
    { type: 'connection-closed', call, reason: 'reset' },
  ]
}

const lives = recordLives()

function subject(role: 'client' | 'server'): Subject {
  const settings = () => SETTINGS
  const packets = lives[role].flatMap(step => (step.type === 'datagram' ? [step.datagram.bytes] : []))
  return {
    create: seed => createSstpEngine({ role, crypto: createSeededCrypto(`${seed} ${role}`), settings }),
    path: CALL,
    packets: [...new Map(packets.map(packet => [`${packet[1]} ${packet[5]} ${packet[8]}`, packet])).values()],
    commands: [
      { type: 'connection-opened', call: CALL, certificate: CERTIFICATE },
      ...commandsAbout(CALL),
      ...commandsAbout(1),
    ],
    strayCommands: commandsAbout(99),
  }
}

describe.each(['client', 'server'] as const)('the SSTP %s keeps the engine contract', role => {
  test('from its start', () => assertEngineContract(subject(role), SEED))

  test('through a whole life and after each quarter of it', () =>
    assertEngineContract({ ...subject(role), life: lives[role] }, SEED))

  test('in a life that no command ends', () => {
    const commands = subject(role).commands.filter(({ type }) => !ENDING.has(type))
    assertEngineContract({ ...subject(role), commands, life: lives[role] }, SEED)
  })

  test('in a call that only the peer ends', () => {
    const opened = { type: 'command', command: OPENED, at: 0 } as const
    const request = writeControlPacket({ type: 'call-connect-request', protocol: 1 })
    const first = { type: 'datagram', datagram: { path: CALL, bytes: request }, at: 1 } as const
    const life = role === 'server' ? [opened, first] : [opened]
    assertEngineContract({ ...subject(role), commands: [OPENED], life }, SEED)
  })
})

const OPENED: SstpCommand = { type: 'connection-opened', call: CALL, certificate: CERTIFICATE }
const ENDING: ReadonlySet<SstpCommand['type']> = new Set(['disconnect', 'connection-closed', 'eap-failure'])
