import { CODES, parseRadiusPacket } from '@causeway/radius'
import { catchFault, formatIpAddress, WireFault } from '@causeway/wire'
import type { Verdict } from '../../packages/gateway/src/authentication/identity.ts'
import { unservedOf } from '../../packages/gateway/src/radius/radius-terms.ts'
import { verdictOf } from '../../packages/gateway/src/radius/radius-verdict.ts'
import { readAccept } from '../../packages/radius/src/client/access-answer.ts'
import { crypto, SECRET } from '../../packages/radius/src/testing/server.suite.ts'
import type { NamedAttribute } from '../../packages/radius/src/wire/attribute-names.ts'
import { encodeAttribute } from '../../packages/radius/src/wire/attribute-values.ts'
import { writeRadiusPacket } from '../../packages/radius/src/wire/packet.ts'
import { Script } from '../script.ts'
import type { FuzzTarget } from '../target.ts'

const NOW = 1_700_000_000
/** What 32 bits hold. */
const MOST_SECONDS = 0xffff_ffff
const NAME_CHARACTERS = 256
/** Values of attributes in one input. */
const MOST_ATTRIBUTES = 40

/** Whose values reach a session; each takes octets as they come. */
const NAMES = [1, 8, 11, 18, 22, 24, 25, 27, 28, 85, 88, 97, 99, 168] as const

function seed(attributes: readonly NamedAttribute[]): Uint8Array {
  const encoded = attributes.flatMap(encodeAttribute)
  return Uint8Array.from(encoded.flatMap(({ type, value }) => [type, value.length, ...value]))
}

/** An accept of these octets: type and length of each value, then the value. */
function acceptOf(input: Uint8Array): Uint8Array {
  const script = new Script(input)
  const attributes: { type: number; value: Uint8Array }[] = []
  while (!script.isOver && attributes.length < MOST_ATTRIBUTES) {
    const type = script.next()
    const known = NAMES.find(name => name === type) ?? 26
    attributes.push({ type: known, value: script.bytes(Math.min(script.next(), 80)) })
  }
  const authenticator = new Uint8Array(16)
  return writeRadiusPacket({ code: CODES.ACCESS_ACCEPT, identifier: 0, authenticator, attributes })
}

/** Whatever an accept says, a session has a name and terms that logs, groups and pools can take; or there is none. */
export const radiusTerms: FuzzTarget = {
  name: 'radius-terms',
  seeds: () => [
    seed([
      { name: 'User-Name', value: 'alice@corp.test' },
      { name: 'Filter-Id', value: 'staff' },
      { name: 'Session-Timeout', value: MOST_SECONDS },
      { name: 'Acct-Interim-Interval', value: 1 },
      { name: 'MS-Azure-Policy-ID', value: Uint8Array.of(0x6a, 0xd1, 0xbd, 0x08) },
      { name: 'Class', value: Uint8Array.of(0, 255) },
    ]),
    seed([
      { name: 'User-Name', value: ' \u202e\n' },
      { name: 'Filter-Id', value: '\u0000\u001b[2J' },
      { name: 'Framed-Route', value: '0.0.0.0/0 0.0.0.0 1' },
    ]),
    Uint8Array.from([8, 4, 255, 255, 255, 254, 97, 18, 0, 128, ...new Uint8Array(16).fill(7), 97, 2, 0, 0]),
  ],
  run: input => {
    const packet = parseRadiusPacket(acceptOf(input))
    if (packet instanceof WireFault) throw new Error(`wrote what is no packet: ${packet}`)
    const terms = { crypto, server: 'a', secret: SECRET, authenticator: packet.authenticator }
    const accept = catchFault(() => readAccept(terms, packet.attributes))
    if (accept instanceof WireFault) return
    for (const line of unservedOf(accept)) requireLine(line)
    check(verdictOf(accept, 'who it claims to be', NOW))
  },
}

function check(verdict: Verdict): void {
  if (verdict.type === 'deny') {
    requireLine(verdict.reason)
    requireLine(verdict.userReason)
    return
  }
  const { identity, terms = {} } = verdict
  requireLine(identity.user)
  requireLine(identity.description)
  for (const { type, value } of identity.memberships ?? [])
    if (type !== 'RadiusAzureGroupId' || !/^([0-9a-f]{2})+$/.test(value))
      throw new Error(`a member of ${value}`)
  if (terms.groupName !== undefined) requireLine(terms.groupName)
  for (const seconds of [terms.endsAt, terms.idleSeconds, terms.accounting?.interimSeconds])
    if (seconds !== undefined && !(seconds > 0 && seconds <= NOW + MOST_SECONDS))
      throw new Error(`${seconds} s`)
  if (terms.ipv4 && /^255\.255\.255\.25[45]$/.test(formatIpAddress(terms.ipv4)))
    throw new Error('an address that is none')
}

/** What is shown is a line of bounded length, and not empty. */
function requireLine(text: string): void {
  if (text.trim() === '' || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text))
    throw new Error(`${JSON.stringify(text)} is no line`)
  if (text.length > NAME_CHARACTERS + 100) throw new Error(`a line of ${text.length} characters`)
}
