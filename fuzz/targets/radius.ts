import { createPermissiveCrypto } from '@causeway/crypto-node/seeded'
import {
  ATTRIBUTES,
  type AttributeName,
  CODES,
  createDynamicAuthorization,
  createRadiusClient,
  type DynamicOutput,
  parseRadiusPacket,
  type RadiusAnswer,
  type RadiusClient,
  type RadiusOutput,
  type RadiusServer,
} from '@causeway/radius'
import { catchFault, WireFault } from '@causeway/wire'
import { StreamFrames } from '../../packages/radius/src/client/stream-frames.ts'
import { at, tlsServer, udpServer } from '../../packages/radius/src/testing/bench.suite.ts'
import { dynamicRequest, PATH, SOURCE } from '../../packages/radius/src/testing/dynamic-bench.suite.ts'
import type { NamedAttribute } from '../../packages/radius/src/wire/attribute-names.ts'
import { attributeValues, encodeAttribute } from '../../packages/radius/src/wire/attribute-values.ts'
import { writeRadiusPacket } from '../../packages/radius/src/wire/packet.ts'
import { type FuzzTarget, requireSame } from '../target.ts'

const filled = (length: number): Uint8Array => new Uint8Array(length).fill(0x41)
const address = at('192.0.2.7', 0).address

const ATTRIBUTES_OF_ALL: readonly NamedAttribute[] = [
  { name: 'User-Name', value: 'alice' },
  { name: 'State', value: filled(3) },
  { name: 'Class', value: filled(40) },
  { name: 'Framed-IP-Address', value: address },
  { name: 'Framed-IPv6-Prefix', value: { address: at('2001:db8::', 0).address, length: 48 } },
  { name: 'Session-Timeout', value: 60 },
  { name: 'EAP-Message', value: filled(300) },
  { name: 'MS-MPPE-Send-Key', value: filled(34) },
  { name: 'MS-MPPE-Recv-Key', value: filled(34) },
  { name: 'MS-CHAP2-Success', value: filled(43) },
  { name: 'MS-CHAP-Error', value: filled(20) },
  { name: 'MS-Azure-Policy-ID', value: filled(4) },
  { name: 'Reply-Message', value: 'No.' },
]

/** Under the permissive crypto everything is proven that has a Message-Authenticator of sixteen bytes. */
const PROOF = { type: 80, value: filled(16) }

function answer(code: number, attributes: readonly NamedAttribute[] = ATTRIBUTES_OF_ALL): Uint8Array {
  const encoded = attributes.flatMap(encodeAttribute)
  return writeRadiusPacket({
    code,
    identifier: 0,
    authenticator: filled(16),
    attributes: [PROOF, ...encoded],
  })
}

const answers = () => [
  ...[CODES.ACCESS_ACCEPT, CODES.ACCESS_REJECT, CODES.ACCESS_CHALLENGE].map(code => answer(code)),
  // Keys of nobody do not open.
  answer(
    CODES.ACCESS_ACCEPT,
    ATTRIBUTES_OF_ALL.filter(({ name }) => !name.startsWith('MS-MPPE')),
  ),
  answer(CODES.ACCOUNTING_RESPONSE, []),
]

/** Reads again what it writes of what it reads, and every attribute or its fault. */
const packets: FuzzTarget = {
  name: 'radius-packets',
  seeds: () => [...answers(), dynamicRequest()],
  run: input => {
    const packet = parseRadiusPacket(input)
    if (packet instanceof WireFault) return
    const { bytes, ...rest } = packet
    requireSame(writeRadiusPacket(rest), bytes, 'a packet written again')
    for (const name of Object.keys(ATTRIBUTES) as AttributeName[]) readAgain(name, rest.attributes)
  },
}

/** A value that was read says the same when it is written and read again. */
function readAgain(name: AttributeName, attributes: Parameters<typeof attributeValues>[0]): void {
  const values = catchFault(() => attributeValues(attributes, name))
  if (values instanceof WireFault) return
  const named = values.map(value => ({ name, value }) as NamedAttribute)
  requireSame(attributeValues(named.flatMap(encodeAttribute), name), values, name)
}

/** A client with one request under way at one server. */
function asking(server: RadiusServer): { readonly client: RadiusClient; readonly lane: number } {
  const client = createRadiusClient({
    crypto: createPermissiveCrypto('radius'),
    servers: [server],
    nas: { identifier: 'gateway' },
    unixSeconds: () => 1_700_000_000,
  })
  const credential = { type: 'eap', packet: filled(8) } as const
  client.handleCommand({ type: 'access', id: 1, userName: 'alice', credential, attributes: [] }, 0)
  return { client, lane: 1 }
}

function outputsOf(client: RadiusClient): RadiusOutput[] {
  const outputs: RadiusOutput[] = []
  for (let output = client.poll(); output; output = client.poll()) outputs.push(output)
  return outputs
}

const answersOf = (outputs: readonly RadiusOutput[]): RadiusAnswer[] =>
  outputs.flatMap(output => (output.type === 'answer' ? [output.answer] : []))

/** What a server, or who can pass for it, may say: it is one answer, and never an accept that was none. */
const verdicts: FuzzTarget = {
  name: 'radius-answers',
  seeds: answers,
  run: input => {
    const { client, lane } = asking(udpServer('a'))
    const sent = outputsOf(client).find(output => output.type === 'send')
    if (!sent) throw new Error('nothing was asked')
    const bytes = input.slice()
    // Whoever forges answers tries all identifiers.
    if (bytes.length > 1) bytes[1] = sent.bytes[1] as number
    client.handleDatagram({ path: { lane, remote: at('192.0.2.1', 1812) }, bytes }, 1)
    const found = answersOf(outputsOf(client))
    if (found.length > 1) throw new Error('answered twice')
    if (found[0]?.type === 'accept' && bytes[0] !== CODES.ACCESS_ACCEPT)
      throw new Error(`code ${bytes[0]} let somebody in`)
    if (found[0]?.type === 'recorded') throw new Error('an access was recorded')
  },
}

/** A stream gives the same packets however it is cut, and keeps less than one. */
const streams: FuzzTarget = {
  name: 'radius-streams',
  seeds: () => [Uint8Array.from([7, ...answers().flatMap(bytes => [...bytes])])],
  run: input => {
    const [size = 0, ...stream] = input
    const bytes = Uint8Array.from(stream)
    const whole = new StreamFrames().add(bytes)
    const cut = new StreamFrames()
    let packets: Uint8Array[] | undefined = []
    for (let i = 0; packets && i < bytes.length; i += size + 1) {
      const more = cut.add(bytes.subarray(i, i + size + 1))
      packets = more && [...packets, ...more]
    }
    requireSame(packets ?? 'broken', whole ?? 'broken', 'packets of a stream that was cut')
    connectedTo(bytes)
  },
}

/** The same stream to a client. */
function connectedTo(bytes: Uint8Array): void {
  const { client, lane } = asking(tlsServer('a'))
  client.handleCommand({ type: 'connected', lane }, 0)
  client.handleCommand({ type: 'bytes', lane, bytes }, 0)
  if (answersOf(outputsOf(client)).length > 1) throw new Error('answered twice')
}

/** A dynamic request is asked once, or answered, or dropped; what is sent is a packet of its kind. */
const dynamic: FuzzTarget = {
  name: 'radius-dynamic',
  seeds: () => [
    dynamicRequest(),
    dynamicRequest({
      code: CODES.COA_REQUEST,
      attributes: [
        { name: 'User-Name', value: 'alice' },
        { name: 'Event-Timestamp', value: 1_700_000_000 },
        { name: 'Session-Timeout', value: 60 },
        { name: 'MS-Azure-Policy-ID', value: filled(4) },
        { name: 'NAS-Identifier', value: 'gateway' },
      ],
      raw: [{ type: 33, value: filled(9) }],
    }),
  ],
  run: input => {
    const engine = createDynamicAuthorization({
      crypto: createPermissiveCrypto('radius'),
      sources: [SOURCE],
      nas: { identifier: 'gateway' },
      unixSeconds: () => 1_700_000_000,
    })
    const drain = (): DynamicOutput[] => {
      const outputs: DynamicOutput[] = []
      for (let output = engine.poll(); output; output = engine.poll()) outputs.push(output)
      return outputs
    }
    engine.handleDatagram({ path: PATH, bytes: input.slice() }, 0)
    const first = drain()
    const asked = first.filter(({ type }) => type === 'request')
    if (asked.length > 1) throw new Error('asked twice')
    if (asked.length === 1) engine.handleCommand({ type: 'reply', id: 1, reply: { type: 'done' } }, 1)
    const told = [...first, ...drain()]
    engine.handleDatagram({ path: PATH, bytes: input.slice() }, 2)
    if (drain().some(({ type }) => type === 'request')) throw new Error('carried out twice')
    for (const output of told) if (output.type === 'send') checkDynamicAnswer(input, output.bytes)
  },
}

function checkDynamicAnswer(request: Uint8Array, answer: Uint8Array): void {
  const packet = parseRadiusPacket(answer)
  if (packet instanceof WireFault) throw new Error(`sent what is no packet: ${packet}`)
  const offset = packet.code - (request[0] as number)
  if (packet.identifier !== request[1] || (offset !== 1 && offset !== 2))
    throw new Error(`code ${packet.code} in answer to ${request[0]}`)
}

export const radius: readonly FuzzTarget[] = [packets, verdicts, streams, dynamic]
