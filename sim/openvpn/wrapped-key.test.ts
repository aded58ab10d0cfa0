import { SeededRandom } from '@causeway/netsim'
import { OPCODES, type OpenVpnOutput, peekOpcode } from '@causeway/openvpn'
import { expect, it } from 'vitest'
import { createDuo, type Duo, type OpenVpnEngine } from '../../packages/openvpn/src/testing/duo.suite.ts'
import { wrapOptions } from '../../packages/openvpn/src/testing/wraps.suite.ts'
import { handshake, type Outcome } from './scenario.ts'

const SEEDS = 1000
const CARRIERS: ReadonlySet<number> = new Set([OPCODES.HARD_RESET_CLIENT_V3, OPCODES.CONTROL_WKC_V1])
/** A broken key; the acknowledgement of a client whose key the server does not have; a packet cut in the wrong place. */
const REFUSALS = /: (wrapped-key|no-wrap|authentication)$/

/** One bit wrong in the wrapped key at a packet's end, its length included; the packet before it is whole. */
function breakWrappedKey(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const length = ((bytes.at(-2) as number) << 8) | (bytes.at(-1) as number)
  const at = bytes.length - 1 - random.integer(length)
  return bytes.map((byte, i) => (i === at ? byte ^ (1 << random.integer(8)) : byte))
}

/** A client whose wrapped key arrives broken with this chance. */
function duoOf(seed: number, chance: number): Duo {
  const random = new SeededRandom(seed)
  const spoil = (output: OpenVpnOutput): OpenVpnOutput =>
    output.type === 'send' && CARRIERS.has(peekOpcode(output.bytes) ?? -1) && random.chance(chance)
      ? { ...output, bytes: breakWrappedKey(output.bytes, random) }
      : output
  const client = (engine: OpenVpnEngine): OpenVpnEngine => ({
    handleDatagram: (datagram, now) => engine.handleDatagram(datagram, now),
    handleCommand: (command, now) => engine.handleCommand(command, now),
    handleTimeout: now => engine.handleTimeout(now),
    nextTimeout: () => engine.nextTimeout(),
    poll: () => {
      const output = engine.poll()
      return output && spoil(output)
    },
  })
  return createDuo({ seed, ...wrapOptions('tls-crypt-v2'), wire: { client } })
}

/** Connects; what goes wrong names its seed. */
function run(seed: number, chance: number): Outcome {
  const duo = duoOf(seed, chance)
  try {
    const outcome = handshake(duo)
    for (const { reason } of duo.serverSide.eventsOf('dropped')) expect(reason).toMatch(REFUSALS)
    return outcome
  } catch (cause) {
    throw new Error(`seed ${seed}, chance ${chance}`, { cause })
  }
}

it(`agrees when some packets bring a broken wrapped key, ${SEEDS} seeds`, () => {
  let agreed = 0
  for (let seed = 1; seed <= SEEDS; seed++)
    if (run(seed, new SeededRandom(seed).fraction() * 0.5) === 'agreement') agreed++
  expect(agreed / SEEDS).toBeGreaterThan(0.99)
})

it('opens nothing for a client whose wrapped key is always broken', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const duo = duoOf(seed, 1)
    expect([seed, handshake(duo)]).toEqual([seed, 'refusal'])
    expect(duo.serverSide.events.every(({ event }) => event.type === 'dropped')).toBe(true)
    expect(duo.serverSide.requests).toEqual([])
  }
})
