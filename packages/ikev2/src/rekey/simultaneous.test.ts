import { expect, it } from 'vitest'
import { survives } from './simultaneous.ts'

const nonces = (initiator: number[], responder: number[]) => ({
  initiatorNonce: Uint8Array.from(initiator),
  responderNonce: Uint8Array.from(responder),
})

// RFC 7296 §2.8.1: "the lowest of the four nonces" is redundant, compared "octet by octet".
it.each([
  ['our request has the lowest', nonces([1, 9], [9, 9]), nonces([2, 0], [3, 0]), false],
  ['the answer to it has', nonces([9, 9], [1, 9]), nonces([2, 0], [3, 0]), false],
  ["the peer's request has", nonces([2, 0], [3, 0]), nonces([1, 9], [9, 9]), true],
  ['the answer to that has', nonces([2, 0], [3, 0]), nonces([9, 9], [1, 9]), true],
  ['the second octet decides', nonces([5, 1], [9, 9]), nonces([5, 2], [9, 9]), false],
  ['octets are unsigned', nonces([0x80], [0xff]), nonces([0x7f], [0xff]), true],
  ['the shorter of two that begin alike is lower', nonces([5], [9]), nonces([5, 0], [9]), false],
])('%s', (_, own, peers, expected) => {
  expect(survives(own, peers)).toBe(expected)
  expect(survives(peers, own)).toBe(!expected)
})
