import { setTimeout as delay } from 'node:timers/promises'
import { createNodeCrypto } from '@causeway/crypto-node'
import { createNativeDatapath } from '@causeway/datapath'
import {
  EXCHANGE,
  groupNumber,
  HEADER_BYTES,
  ikeProposals,
  NOTIFY,
  type Payload,
  PROTOCOL,
  writeMessage,
} from '@causeway/ikev2'
import { type IpAddress, ipAddress } from '@causeway/wire'
import type { Access } from './access.ts'
import { type Group, profileOf, readArguments } from './ikev2-access.ts'

// ikev2-flood.ts ACCESS GROUP COUNT RATE: sends so many IKE_SA_INITs, that many a second, each from an address of its
// own in SPOOFED and none ever followed by anything, and prints `sent COUNT`. The namespace must have a route
// `local 198.18.0.0/15 dev lo`: then the kernel lets any of the addresses be a source.

/** RFC 2544's network for benchmarks: 198.18.0.0/15. */
const SPOOFED = [198, 18] as const
const SOURCES = 1 << 17
const PORT = 500
/** Sent in one go; some milliseconds lie between. */
const BURST_MS = 5
const NONCE_BYTES = 32
/** The generic header of the payload whose data comes last. */
const PAYLOAD_HEADER_BYTES = 4

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`ikev2-flood: ${error.message}`)
  process.exit(1)
})

async function main(args: readonly string[]): Promise<void> {
  const { access, group } = readArguments(args)
  const [count, rate] = args.slice(2).map(Number)
  if (!count || !rate) throw new Error('usage: ikev2-flood.ts ACCESS GROUP COUNT RATE')
  const datapath = createNativeDatapath({ workers: 1, onEvents: () => undefined })
  const { id } = datapath.openPort({ address: source(undefined), port: 0, protocol: 'ike' })
  const remote = { address: profileOf(access, group).server.address, port: PORT }
  const requests = bogusRequests(access, group)
  const began = performance.now()
  for (let sent = 0; sent < count; await delay(BURST_MS)) {
    const due = Math.min(count, Math.floor(((performance.now() - began) / 1000) * rate))
    const burst = []
    for (; sent < due; sent++) burst.push({ remote, local: source(sent), bytes: requests() })
    datapath.sendDatagrams(id, burst)
  }
  console.log(`sent ${count}`)
  datapath.close()
}

/** Requests of an honest shape: a responder finds out by nothing but that no answer reaches anybody. */
function bogusRequests(access: Access, group: Group): () => Uint8Array {
  const crypto = createNodeCrypto()
  const { ikeSuites } = profileOf(access, group)
  const spi = new Uint8Array(8)
  const header = {
    initiatorSpi: Uint8Array.of(1, ...spi.subarray(1)),
    responderSpi: spi,
    exchange: EXCHANGE.IKE_SA_INIT,
    fromInitiator: true,
    response: false,
    messageId: 0,
  }
  const template = writeMessage(header, [
    { type: 'SA', proposals: ikeProposals(ikeSuites, new Uint8Array()) },
    { type: 'KE', group: groupNumber(group), data: crypto.createKeyAgreement(group).publicValue },
    notification(NOTIFY.NAT_DETECTION_SOURCE_IP, crypto.random(20)),
    notification(NOTIFY.NAT_DETECTION_DESTINATION_IP, crypto.random(20)),
    notification(NOTIFY.IKEV2_FRAGMENTATION_SUPPORTED, new Uint8Array()),
    notification(NOTIFY.SIGNATURE_HASH_ALGORITHMS, Uint8Array.of(0, 2, 0, 3, 0, 4)),
    { type: 'NONCE', data: new Uint8Array(NONCE_BYTES) },
  ])
  if (template.length < HEADER_BYTES + PAYLOAD_HEADER_BYTES + NONCE_BYTES)
    throw new Error('no room for a nonce')
  return () => {
    const bytes = template.slice()
    bytes.set(crypto.random(8), 0)
    bytes.set(crypto.random(NONCE_BYTES), bytes.length - NONCE_BYTES)
    return bytes
  }
}

function notification(notify: number, data: Uint8Array): Payload {
  return { type: 'N', protocol: PROTOCOL.NONE, spi: new Uint8Array(), notify, data }
}

/** Neighbours in time are not neighbours in the network: the number's bits are spread over the /24s. */
function source(number: number | undefined): IpAddress {
  if (number === undefined) return ipAddress(new Uint8Array(4))
  const place = number % SOURCES
  const [a, b] = SPOOFED
  return ipAddress(Uint8Array.of(a, b + (place & 1), (place >> 1) & 0xff, (place >> 9) & 0xff))
}
