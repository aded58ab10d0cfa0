import { EXCHANGE } from '@causeway/ikev2'
import { type Endpoint, formatEndpoint, formatHex } from '@causeway/wire'

/** RFC 7296 §3.1: SPIs, next payload, version, exchange, flags, message id, length. */
const HEADER_BYTES = 28
const SPI_BYTES = 8
const EXCHANGE_AT = 18
const FLAGS_AT = 19
const MESSAGE_ID_AT = 20
const RESPONSE = 0x20

const EXCHANGE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(EXCHANGE).map(([name, number]) => [number, name]),
)

/**
 * One IKE message as IKEDiagnosticLog has it, from its header alone: what follows it is encrypted. `undefined`: too
 * short to be one.
 */
export function ikeMessageText(
  way: 'SEND' | 'RECEIVED',
  remote: Endpoint,
  local: Endpoint,
  message: Uint8Array,
): string | undefined {
  if (message.length < HEADER_BYTES) return undefined
  const view = new DataView(message.buffer, message.byteOffset)
  const exchange = message[EXCHANGE_AT] ?? 0
  const name = EXCHANGE_NAMES.get(exchange) ?? `EXCHANGE_${exchange}`
  const kind = ((message[FLAGS_AT] ?? 0) & RESPONSE) === 0 ? 'request' : 'response'
  const [initiator, responder] = [message.subarray(0, SPI_BYTES), message.subarray(SPI_BYTES, 2 * SPI_BYTES)]
  const cookies = `iCookie=0x${formatHex(initiator)} rCookie=0x${formatHex(responder)}`
  const id = view.getUint32(MESSAGE_ID_AT)
  const ends = `Remote ${formatEndpoint(remote)}: Local ${formatEndpoint(local)}`
  return `${ends}: [${way}][${name}] ${kind} ${id}, ${message.length} bytes, ${cookies}`
}
