import { asciiBytes } from '@causeway/wire'
import { expect, test } from 'vitest'
import type { Identification } from '../identification.ts'
import { ownIdentification } from './auth-request.ts'

const named = (text: string): Identification => ({ type: 'ID_FQDN', number: 2, data: asciiBytes(text) })
const terms = { identification: named('gw.internal'), otherIdentifications: [named('vpn.example.org')] }

test.each([
  ['nobody in particular', undefined, 'gw.internal'],
  ['one of our names', named('vpn.example.org'), 'vpn.example.org'],
  ['somebody else', named('evil.example.org'), 'gw.internal'],
  ['our name as a key id', { ...named('vpn.example.org'), number: 11 }, 'gw.internal'],
] as const)('asked for %s', (_, wanted, own) => {
  expect(ownIdentification(terms, { wanted })).toEqual(named(own))
})
