import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { SeededRandom } from '@causeway/netsim'
import { createOpenVpnServer, OPCODES, type Path, writeControlPacket } from '@causeway/openvpn'
import { ipAddress } from '@causeway/wire'
import { expect, it } from 'vitest'
import { serverOptions } from '../../packages/openvpn/src/testing/duo.suite.ts'

const SOURCES = 100_000
/** Noise of the collector and of the table of rates, which has a fixed size. */
const ALLOWED_BYTES = 1_000_000

it(`keeps nothing for ${SOURCES} sources that never return their cookie`, () => {
  const random = new SeededRandom(7)
  const server = createOpenVpnServer(serverOptions(createSeededCrypto(7), () => 1_700_000_000))
  let now = 0
  const strike = (): number => {
    now += 1
    const remote = { address: ipAddress(random.bytes(4)), port: 1 + random.integer(65_535) }
    const path: Path = { type: 'udp', port: 1, remote }
    server.handleDatagram({ path, bytes: attack(random) }, now)
    return drain(server)
  }
  for (let i = 0; i < 20_000; i++) strike()
  const before = heapBytes()
  let answers = 0
  for (let i = 0; i < SOURCES; i++) answers += strike()
  const grown = heapBytes() - before
  expect(answers).toBeGreaterThan(SOURCES / 4)
  expect({ open: server.halfOpenCount, live: server.sessionCount, tls: server.tlsCount }).toEqual({
    open: 0,
    live: 0,
    tls: 0,
  })
  expect(grown).toBeLessThan(ALLOWED_BYTES)
})

/** A reset; or what should bring a cookie back, with one that was guessed. */
function attack(random: SeededRandom): Uint8Array {
  const sessionId = random.bytes(8)
  if (random.chance(0.5))
    return writeControlPacket({
      opcode: OPCODES.HARD_RESET_CLIENT_V2,
      keyId: 0,
      sessionId,
      acks: [],
      packetId: 0,
      payload: new Uint8Array(),
    })
  const opcode = random.chance(0.5) ? OPCODES.CONTROL_V1 : OPCODES.HARD_RESET_CLIENT_V2
  const remoteSessionId = random.bytes(8)
  const packetId = opcode === OPCODES.CONTROL_V1 ? 1 : 0
  const payload = opcode === OPCODES.CONTROL_V1 ? random.bytes(40) : new Uint8Array()
  return writeControlPacket({ opcode, keyId: 0, sessionId, acks: [0], remoteSessionId, packetId, payload })
}

/** Takes all outputs; gives the number of packets sent. */
function drain(server: ReturnType<typeof createOpenVpnServer>): number {
  let sent = 0
  for (let output = server.poll(); output; output = server.poll()) if (output.type === 'send') sent++
  return sent
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed
}
