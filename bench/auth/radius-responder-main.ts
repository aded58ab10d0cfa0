import { createSocket } from 'node:dgram'
import { createNodeCrypto } from '@causeway/crypto-node'
import { CODES, parseRadiusPacket } from '@causeway/radius'
import { asciiBytes, utf8Text, WireFault } from '@causeway/wire'
import { sealAnswer } from '../../packages/radius/src/protection/seal.ts'
import { revealUserPassword } from '../../packages/radius/src/testing/hiding.suite.ts'
import { attributeValue } from '../../packages/radius/src/wire/attribute-values.ts'

// radius-responder-main.ts ADDRESS SECRET PASSWORD: answers Access-Requests (PAP) and accounting on ports 1812 and 1813,
// and whoever brings the password is let in. Prints how many Access-Requests there were at each SIGUSR2. It checks no
// Message-Authenticator, for openvpn's plugin sends none.

const [address = '', secretText = '', password = ''] = process.argv.slice(2)
const secret = asciiBytes(secretText)
const crypto = createNodeCrypto()
let requests = 0

function answer(bytes: Uint8Array): Uint8Array | undefined {
  const packet = parseRadiusPacket(bytes)
  if (packet instanceof WireFault) return undefined
  const { identifier, authenticator, attributes } = packet
  const sealed = (code: number): Uint8Array =>
    sealAnswer(crypto, secret, { code, identifier, attributes: [] }, authenticator)
  if (packet.code === CODES.ACCOUNTING_REQUEST) return sealed(CODES.ACCOUNTING_RESPONSE)
  if (packet.code !== CODES.ACCESS_REQUEST) return undefined
  requests++
  const hidden = attributeValue(attributes, 'User-Password') ?? new Uint8Array()
  const brought = utf8Text(revealUserPassword(crypto, secret, authenticator, hidden))
  return sealed(brought === password ? CODES.ACCESS_ACCEPT : CODES.ACCESS_REJECT)
}

async function listen(port: number): Promise<void> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 })
  socket.on('message', (bytes, from) => {
    const sent = answer(bytes)
    if (sent) socket.send(sent, from.port, from.address)
  })
  await new Promise<void>(resolve => socket.bind(port, address, resolve))
}

process.on('SIGUSR2', () => console.log(`requests ${requests}`))
await listen(1812)
await listen(1813)
console.log('listening')
