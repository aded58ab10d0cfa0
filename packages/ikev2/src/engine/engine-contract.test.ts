import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { assertEngineContract, type ContractSubject, EngineRecorder } from '@causeway/netsim'
import { asciiBytes } from '@causeway/wire'
import { describe, test } from 'vitest'
import type { Ikev2Command, Ikev2Reply } from '../command.ts'
import type { Ikev2Output, Ikev2Request } from '../output.ts'
import type { Path } from '../path.ts'
import type { PeerTerms } from '../peer-terms.ts'
import { type AnyIkev2, connect, connectCommand, createDuo, type DuoOptions } from '../testing/duo.suite.ts'
import { plainRoutes, type Route } from '../testing/routes.suite.ts'
import { letIn, RESPONDER_TERMS, TERMS } from '../testing/terms.suite.ts'
import { createIkev2 } from './ikev2-engine.ts'

const SEED = 42
const EXTRA = { mobike: true, livenessSeconds: 30, ikeRekeySeconds: 300, childRekeySeconds: 100 }
const initiatorTerms = { ...TERMS, ...EXTRA }
const responderTerms = { ...RESPONDER_TERMS, ...EXTRA }
const routes = [...plainRoutes(), ...plainRoutes('203.0.113.9')] as [Route, Route, Route, Route]

type Recorder = EngineRecorder<Path, Ikev2Command, Ikev2Output>
type Subject = ContractSubject<Path, Ikev2Command, Ikev2Output>

/** Of a responder that knows its peers by identity, and has other terms for each. */
const byIdentity: PeerTerms = {
  ...responderTerms,
  label: 'common',
  own: { type: 'psk', secret: asciiBytes('of nobody') },
  peer: { certificate: false, eap: false, pskByIdentity: true },
}
const settled = { livenessSeconds: 20, childSas: 100, own: TERMS.own, peer: TERMS.peer }

function letInByIdentity(request: Ikev2Request): Ikev2Reply | undefined {
  if (request.type === 'psk' && TERMS.own.type === 'psk') return { type: 'psk', secret: TERMS.own.secret }
  const reply = letIn(request)
  return reply?.type === 'allow' ? { ...reply, grant: { ...reply.grant, terms: settled } } : reply
}

/** Connects, rekeys, moves and leaves, and gives what each engine was told. */
function recordLives(options: DuoOptions = {}): {
  readonly initiator: Recorder['steps']
  readonly responder: Recorder['steps']
} {
  const recorders: Recorder[] = []
  const record = (engine: AnyIkev2): AnyIkev2 => {
    const recorder = new EngineRecorder(engine)
    recorders.push(recorder)
    return recorder
  }
  const duo = createDuo({
    seed: SEED,
    routes: [...routes],
    initiator: EXTRA,
    responder: EXTRA,
    ...options,
    wire: { initiator: record, responder: record },
  })
  if (!connect(duo)) throw new Error('no session to record')
  const { pair } = duo
  pair.a.command({ type: 'rekey-child', session: 1, child: 1 }, 1000)
  pair.b.command({ type: 'create-child', session: 1, tag: 5, ...RESPONDER_SCOPE }, 3000)
  pair.b.command({ type: 'rekey-ike', session: 1 }, 5000)
  pair.a.command({ type: 'use-path', session: 1, path: routes[3].initiator }, 10_000)
  pair.b.command({ type: 'probe', session: 1 }, 15_000)
  pair.a.command({ type: 'disconnect', session: 1, reason: 'enough' }, 60_000)
  pair.advance(90_000)
  const [initiator, responder] = recorders as [Recorder, Recorder]
  return { initiator: initiator.steps, responder: responder.steps }
}

const bytes = new Uint8Array(8)
const { local, remote } = TERMS
const RESPONDER_SCOPE = { local: remote, remote: local }

/** Every command about a session, a Child SA or a request with this id. */
function commandsAbout(id: number, path: Path): Ikev2Command[] {
  const session = id
  const child = id
  return [
    { type: 'reply', id, reply: { type: 'trust' } },
    { type: 'reply', id, reply: { type: 'allow', grant: { local, remote } } },
    { type: 'reply', id, reply: { type: 'allow', grant: { local, remote, terms: settled } } },
    { type: 'reply', id, reply: { type: 'psk', secret: bytes } },
    { type: 'reply', id, reply: { type: 'deny', reason: 'no' } },
    { type: 'reply', id, reply: { type: 'signature', signature: bytes } },
    { type: 'reply', id, reply: { type: 'no-signature', reason: 'no' } },
    { type: 'reply', id, reply: { type: 'traffic', packetsReceived: 5 } },
    { type: 'eap-packet', session, packet: bytes },
    { type: 'eap-success', session, packet: bytes, msk: new Uint8Array(64) },
    { type: 'eap-failure', session, reason: 'no' },
    { type: 'disconnect', session, reason: 'gone' },
    { type: 'disconnect', session, reason: 'gone', silent: true },
    { type: 'create-child', session, tag: id, local, remote },
    { type: 'rekey-ike', session },
    { type: 'rekey-child', session, child },
    { type: 'delete-child', session, child },
    { type: 'probe', session },
    { type: 'soft-limit', child, receiveSpi: id },
    { type: 'hard-limit', child, receiveSpi: id },
    { type: 'moved', child, path },
    { type: 'use-path', session, path },
  ]
}

const lives = recordLives()
const livesByIdentity = recordLives({ responder: byIdentity, decide: letInByIdentity })

const initiator: Subject = {
  create: seed =>
    createIkev2({ crypto: createSeededCrypto(`${seed} initiator`), responder: () => undefined }),
  path: routes[0].initiator,
  packets: firstPackets(lives.initiator),
  commands: [
    connectCommand({ routes, terms: initiatorTerms }),
    { ...connectCommand({ routes, terms: initiatorTerms }, 2), replaces: 1 },
    ...commandsAbout(1, routes[3].initiator),
    ...commandsAbout(2, routes[3].initiator),
  ],
  strayCommands: commandsAbout(99, routes[3].initiator),
}

const responder: Subject = {
  create: seed =>
    createIkev2({ crypto: createSeededCrypto(`${seed} responder`), responder: () => responderTerms }),
  path: routes[0].responder,
  packets: firstPackets(lives.responder),
  commands: [...commandsAbout(1, routes[3].responder), ...commandsAbout(2, routes[3].responder)],
  strayCommands: commandsAbout(99, routes[3].responder),
}

const siteResponder: Subject = {
  ...responder,
  create: seed =>
    createIkev2({ crypto: createSeededCrypto(`${seed} responder`), responder: () => byIdentity }),
  packets: firstPackets(livesByIdentity.responder),
}

/** One of each exchange, as request and as response. */
function firstPackets(steps: Recorder['steps']): Uint8Array[] {
  const packets = steps.flatMap(step => (step.type === 'datagram' ? [step.datagram.bytes] : []))
  const kind = (packet: Uint8Array): string => `${packet[18]} ${(packet[19] as number) & 0x20}`
  return [...new Map(packets.toReversed().map(packet => [kind(packet), packet])).values()]
}

describe.each([
  ['initiator', initiator, lives.initiator],
  ['responder', responder, lives.responder],
  ['responder by identity', siteResponder, livesByIdentity.responder],
] as const)('IKEv2 as %s keeps the engine contract', (_, subject, life) => {
  test('from its start', () => assertEngineContract(subject, SEED))

  test('through a whole life and after each quarter of it', () =>
    assertEngineContract({ ...subject, life }, SEED))

  test('in a life that no command ends', () => {
    const commands = subject.commands.filter(({ type }) => type !== 'disconnect')
    assertEngineContract({ ...subject, commands, life }, SEED)
  })
})
