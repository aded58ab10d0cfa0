import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { assertEngineContract, EngineRecorder } from '../../engine/src/engine.suite.ts'
import { createOpenVpnClient } from './client/client.ts'
import type { OpenVpnCommand } from './command.ts'
import type { OpenVpnOutput } from './output.ts'
import type { Path } from './path.ts'
import { createOpenVpnServer } from './server/server.ts'
import { clientOptions, connect, createDuo, type OpenVpnEngine, serverOptions } from './testing/duo.suite.ts'

const SEED = 42
const unixSeconds = () => 1_700_000_000

type Recorder = EngineRecorder<Path, OpenVpnCommand, OpenVpnOutput>

/** Connects, renegotiates and leaves, and gives what each engine was told. */
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
  const duo = createDuo({ seed: SEED, ...options })
  if (!connect(duo)) throw new Error('no session to record')
  duo.pair.a.command({ type: 'renegotiate', session: 1 }, 4000)
  duo.pair.b.command({ type: 'renegotiate', session: 1 }, 10_000)
  duo.pair.a.command({ type: 'disconnect', session: 1, manner: 'halt', reason: 'enough' }, 20_000)
  duo.pair.advance(30_000)
  const [client, server] = recorders as [Recorder, Recorder]
  return { client: client.steps, server: server.steps }
}

const bytes = new Uint8Array(8)
const strayCommands: OpenVpnCommand[] = [
  { type: 'tls-output', tls: 99, bytes },
  { type: 'tls-plaintext', tls: 99, bytes },
  { type: 'tls-failed', tls: 99, reason: 'gone' },
  { type: 'reply', id: 99, reply: { type: 'trust' } },
  { type: 'disconnect', session: 99, manner: 'halt', reason: 'gone' },
  { type: 'renegotiate', session: 99 },
  { type: 'inband', session: 99, payload: bytes },
  { type: 'idle', session: 99 },
  { type: 'soft-limit', session: 99, keyId: 0 },
  { type: 'stream-closed', stream: 99 },
]

const lives = recordLives()

assertEngineContract({
  name: 'OpenVPN client',
  create: () => createOpenVpnClient(clientOptions(createSeededCrypto(`${SEED} client`), unixSeconds)),
  steps: lives.client,
  strayCommands,
})

assertEngineContract({
  name: 'OpenVPN server',
  create: () => createOpenVpnServer(serverOptions(createSeededCrypto(`${SEED} server`), unixSeconds)),
  steps: lives.server,
  strayCommands,
})
