import { formatIpPrefix, type IpPrefix, parseIpAddress, parseIpPrefix, prefixSelector } from '@causeway/wire'
import { expect, test } from 'vitest'
import { selectedPrefixes } from './selected-prefixes.ts'
import { ALL_SELECTORS } from './site-terms.ts'

const prefix = (text: string) => parseIpPrefix(text) as IpPrefix
const network = (text: string) => prefixSelector(prefix(text))
const range = (first: string, last: string) => {
  const [start, end] = [first, last].map(parseIpAddress)
  if (!start || !end) throw new Error('no addresses')
  return { protocol: 0, startPort: 0, endPort: 65_535, start, end }
}
const selected = (prefixes: readonly string[], ...selectors: Parameters<typeof selectedPrefixes>[1]) =>
  selectedPrefixes(prefixes.map(prefix), selectors).map(formatIpPrefix)

test('all addresses leave networks as they are, both families', () => {
  expect(selected(['10.0.0.0/8', 'fd00::/48'], ...ALL_SELECTORS)).toEqual(['10.0.0.0/8', 'fd00::/48'])
})

test('a narrower selector is what is left, one beside nothing', () => {
  expect(selected(['10.0.0.0/8'], network('10.1.0.0/16'), network('192.168.0.0/16'))).toEqual(['10.1.0.0/16'])
  expect(selected(['10.1.2.0/24'], network('10.1.0.0/16'))).toEqual(['10.1.2.0/24'])
  expect(selected(['10.0.0.0/8'], network('fd00::/8'))).toEqual([])
})

test('a range is cut into networks', () => {
  expect(selected(['10.0.0.0/8'], range('10.0.0.1', '10.0.0.6'))).toEqual([
    '10.0.0.1/32',
    '10.0.0.2/31',
    '10.0.0.4/31',
    '10.0.0.6/32',
  ])
  expect(selected(['::/0'], range('fd00::', 'fd00::ffff'))).toEqual(['fd00::/112'])
})

test('ports and protocols do not count', () => {
  const web = { ...network('10.1.0.0/16'), protocol: 6, startPort: 443, endPort: 443 }
  expect(selected(['10.1.0.0/16'], web)).toEqual(['10.1.0.0/16'])
})

test('a network that would be cut into many stays whole', () => {
  const ranges = Array.from({ length: 64 }, (_, i) => range(`10.1.${4 * i}.1`, `10.1.${4 * i + 3}.254`))
  expect(selected(['10.1.0.0/16', '10.2.0.0/16'], ...ranges)).toEqual(['10.1.0.0/16'])
  expect(selected(['0.0.0.0/0'], range('0.0.0.0', '255.255.255.254'))).toEqual(['0.0.0.0/0'])
  const many = Array.from({ length: 64 }, (_, i) => network(`10.${2 * i}.0.0/16`))
  expect(selected(['10.0.0.0/8', '192.168.0.0/16'], ...many)).toEqual(['10.0.0.0/8'])
})

test('what another selector holds is not there twice', () => {
  expect(selected(['10.1.0.0/16'], network('10.0.0.0/8'), network('10.1.2.0/24'))).toEqual(['10.1.0.0/16'])
})
