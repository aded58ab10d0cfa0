import type { Namespace } from '../../interop/harness/namespace.ts'
import { progress, runBench } from '../run.ts'
import { measureApi, measurePeer, type Size } from './measure.ts'
import { type Results, samplesOf } from './rows.ts'
import { startApi, startPeer } from './server.ts'

// npm run bench -- api: 1,000 clients of the management API, each with a TLS connection and a token of its own, on the
// loopback of a namespace. Beside reads: Node's HTTPS server that answers as many bytes at once, with the same clients.

const SIZES = {
  full: { clients: 1_000, seconds: 5, readsPerSecond: 500, writesPerSecond: 200 },
  quick: { clients: 200, seconds: 2, readsPerSecond: 100, writesPerSecond: 50 },
} as const satisfies Record<string, Size>

/** A read is answered with so much. */
const ANSWER_CHARACTERS = 620

const results: Results = { rounds: [], peers: [] }

interface Contender {
  readonly name: 'causeway' | 'node'
  measure(namespace: Namespace, size: Size): Promise<void>
}

runBench<Contender['name'], Contender>({
  name: 'api',
  peer: 'node:https',
  contenders: async () => [
    { name: 'node', measure: measureNode },
    { name: 'causeway', measure: measureCauseway },
  ],
  takeRound: async ({ ground, contenders, options }) => {
    for (const { measure } of contenders)
      await measure(ground.server, SIZES[options.quick ? 'quick' : 'full'])
  },
  samples: () => samplesOf(results),
})

async function measureNode(namespace: Namespace, size: Size): Promise<void> {
  const peer = await startPeer(
    namespace,
    JSON.stringify({ text: 'x'.repeat(ANSWER_CHARACTERS - '{"text":""}'.length) }),
  )
  try {
    const measured = await measurePeer(namespace, peer, size)
    results.peers.push(measured)
    progress(`node: ${JSON.stringify(measured)}`)
  } finally {
    await peer.stop()
  }
}

async function measureCauseway(namespace: Namespace, size: Size): Promise<void> {
  const api = await startApi(namespace)
  try {
    const round = await measureApi(namespace, api, size)
    results.rounds.push(round)
    progress(`causeway: ${JSON.stringify(round)}`)
  } finally {
    await api.stop()
  }
}
