import { expect, it } from 'vitest'
import { CLIENT_PROTOCOLS, canonicalName, PROTOCOL_AUTHENTICATION } from './client-protocol.ts'

it('allows Entra ID over OpenVPN only', () => {
  const withEntra = CLIENT_PROTOCOLS.filter(protocol => PROTOCOL_AUTHENTICATION[protocol].includes('AAD'))
  expect(withEntra).toEqual(['OpenVPN'])
})

it('finds a name in any case', () => {
  expect(canonicalName(CLIENT_PROTOCOLS, 'ikev2')).toBe('IkeV2')
  expect(canonicalName(CLIENT_PROTOCOLS, 'L2TP')).toBeUndefined()
})
