import { expect, test } from 'vitest'
import { sessionAttributes } from './session-attributes.ts'

const valuesOf = (attributes: ReturnType<typeof sessionAttributes>) =>
  Object.fromEntries(attributes.map(({ name, value }) => [name, value]))

test('a session is framed PPP on a virtual port of a remote access server', () => {
  expect(valuesOf(sessionAttributes({}))).toEqual({
    'Service-Type': 2,
    'Framed-Protocol': 1,
    'NAS-Port-Type': 5,
    'MS-Network-Access-Server-Type': 2,
  })
})

test('its place is told as far as it is known', () => {
  const place = { callingStation: '192.0.2.7', calledStation: '203.0.113.1', port: 7, portId: 'a7' }
  expect(valuesOf(sessionAttributes({ ...place, connection: 'OpenVPN', eapMtu: 1_024 }))).toMatchObject({
    'Calling-Station-Id': '192.0.2.7',
    'Called-Station-Id': '203.0.113.1',
    'NAS-Port': 7,
    'NAS-Port-Id': 'a7',
    'Connect-Info': 'OpenVPN',
    'Framed-MTU': 1_024,
  })
})

test.each([
  ['192.0.2.7', 1],
  ['2001:db8::7', 2],
])('IPsec from %s is a tunnel of its kind', (callingStation, medium) => {
  const attributes = sessionAttributes({ callingStation, calledStation: 'here', isIpsec: true })
  expect(valuesOf(attributes)).toMatchObject({
    'Tunnel-Type': 9,
    'Tunnel-Medium-Type': medium,
    'Tunnel-Client-Endpoint': callingStation,
    'Tunnel-Server-Endpoint': 'here',
  })
})
