import { expect, test } from 'vitest'
import { eapMsk } from './eap-msk.ts'
import { sessionAttributes } from './session-attributes.ts'

const bytes = (length: number, of: number) => new Uint8Array(length).fill(of)

test.each([
  [32, 'EAP-TLS'],
  [16, 'EAP-MSCHAPv2'],
])('keys of %i bytes each, of %s, make an MSK of 64', length => {
  const msk = eapMsk({ send: bytes(length, 1), receive: bytes(length, 2) })
  expect(msk).toEqual(
    Uint8Array.from([...bytes(length, 2), ...bytes(length, 1), ...bytes(64 - 2 * length, 0)]),
  )
})

test('keys that are longer make none', () => {
  expect(eapMsk({ send: bytes(33, 1), receive: bytes(32, 1) })).toBeUndefined()
})

test('a session says that it is framed, of PPP, on a virtual port, and where it comes from', () => {
  const place = {
    callingStation: '203.0.113.5',
    calledStation: 'vpn.example',
    portId: 'session 7',
    eapMtu: 1024,
  }
  expect(sessionAttributes(place).map(({ name, value }) => `${name} ${value}`)).toEqual([
    'Service-Type 2',
    'Framed-Protocol 1',
    'NAS-Port-Type 5',
    'Calling-Station-Id 203.0.113.5',
    'Called-Station-Id vpn.example',
    'NAS-Port-Id session 7',
    'Framed-MTU 1024',
  ])
  expect(sessionAttributes({})).toHaveLength(3)
})
