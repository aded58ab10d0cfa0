import { expect, test } from 'vitest'
import { type IpAddress, parseIpAddress } from './ip-address.ts'
import { type IpPrefix, parseIpPrefix } from './ip-prefix.ts'
import {
  formatTrafficSelector,
  intersectSelectors,
  prefixSelector,
  selectorContains,
} from './traffic-selector.ts'

const address = (text: string) => parseIpAddress(text) as IpAddress
const network = (text: string) => prefixSelector(parseIpPrefix(text) as IpPrefix)

test('a network becomes its range and is written as a network again', () => {
  const selector = network('10.1.128.0/17')
  expect(selector.end).toEqual(address('10.1.255.255'))
  expect(formatTrafficSelector(selector)).toBe('10.1.128.0/17')
  expect(formatTrafficSelector(network('::/0'))).toBe('::/0')
  expect(formatTrafficSelector({ ...selector, protocol: 17, startPort: 53, endPort: 53 })).toBe(
    '10.1.128.0/17[17/53]',
  )
})

test('a range that is no network is written as its ends', () => {
  const selector = { ...network('10.0.0.0/24'), end: address('10.0.0.9') }
  expect(formatTrafficSelector(selector)).toBe('10.0.0.0-10.0.0.9')
})

test('an intersection keeps what both hold', () => {
  const web = { ...network('10.0.0.0/8'), protocol: 6, startPort: 443, endPort: 443 }
  expect(intersectSelectors(network('10.2.0.0/16'), web)).toEqual({
    ...network('10.2.0.0/16'),
    protocol: 6,
    startPort: 443,
    endPort: 443,
  })
  expect(intersectSelectors(network('10.2.0.0/16'), network('10.3.0.0/16'))).toBeUndefined()
  expect(intersectSelectors(network('::/0'), network('0.0.0.0/0'))).toBeUndefined()
  expect(intersectSelectors({ ...web, protocol: 17 }, web)).toBeUndefined()
  expect(intersectSelectors({ ...web, startPort: 1, endPort: 442 }, web)).toBeUndefined()
})

test('containment is judged whole', () => {
  expect(selectorContains(network('0.0.0.0/0'), network('10.0.0.7/32'))).toBe(true)
  expect(selectorContains(network('10.0.0.7/32'), network('0.0.0.0/0'))).toBe(false)
  expect(selectorContains({ ...network('0.0.0.0/0'), protocol: 6 }, network('10.0.0.7/32'))).toBe(false)
})
