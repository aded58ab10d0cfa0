import { createNodeCrypto } from '@causeway/crypto-node'
import { asciiBytes, WireFault } from '@causeway/wire'
import { digestHolds } from '../protection/authenticators.ts'
import { checkMessageAuthenticator } from '../protection/message-authenticator.ts'
import { sealAnswer } from '../protection/seal.ts'
import type { RadiusAttribute } from '../wire/attribute.ts'
import type { NamedAttribute } from '../wire/attribute-names.ts'
import { encodeAttribute } from '../wire/attribute-values.ts'
import { CODES } from '../wire/code.ts'
import { parseRadiusPacket, type ReceivedPacket } from '../wire/packet.ts'

export const crypto = createNodeCrypto()
export const SECRET: Uint8Array = asciiBytes('a secret of both')
export const RADSEC: Uint8Array = asciiBytes('radsec')

/** A packet that has to be one. */
export function parsed(bytes: Uint8Array): ReceivedPacket {
  const packet = parseRadiusPacket(bytes)
  if (packet instanceof WireFault) throw new Error(`no packet: ${packet}`)
  return packet
}

/** A request as a server reads it: with a Message-Authenticator first, and right. */
export function readRequest(bytes: Uint8Array, secret: Uint8Array = SECRET): ReceivedPacket {
  const packet = parsed(bytes)
  const isDigest = packet.code === CODES.ACCOUNTING_REQUEST
  if (packet.attributes[0]?.type !== 80) throw new Error('Message-Authenticator is not the first attribute')
  const state = isDigest
    ? checkMessageAuthenticator(crypto, secret, packet)
    : checkMessageAuthenticator(crypto, secret, packet, packet.authenticator)
  if (state !== 'valid') throw new Error(`Message-Authenticator is ${state}`)
  if (isDigest && !digestHolds(crypto, secret, packet.bytes))
    throw new Error('the Request Authenticator is wrong')
  return packet
}

export interface AnswerShape {
  readonly code?: number
  readonly attributes?: readonly NamedAttribute[]
  readonly raw?: readonly RadiusAttribute[]
  readonly secret?: Uint8Array
  readonly identifier?: number
}

/** A server's answer; accept, or what acknowledges the request, unless said otherwise. */
export function answerTo(request: ReceivedPacket, shape: AnswerShape = {}): Uint8Array {
  const usual = request.code === CODES.ACCOUNTING_REQUEST ? CODES.ACCOUNTING_RESPONSE : CODES.ACCESS_ACCEPT
  const { code = usual, attributes = [], raw = [], secret = SECRET } = shape
  const { identifier = request.identifier } = shape
  const encoded = [...attributes.flatMap(encodeAttribute), ...raw]
  return sealAnswer(crypto, secret, { code, identifier, attributes: encoded }, request.authenticator)
}
