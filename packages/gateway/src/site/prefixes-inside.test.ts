import { formatIpPrefix, type IpPrefix, parseIpPrefix } from '@causeway/wire'
import { expect, test } from 'vitest'
import { remotePrefixesInside } from './prefixes-inside.ts'
import type { SiteNatRule } from './site-configuration.ts'

const prefix = (text: string) => parseIpPrefix(text) as IpPrefix
const rule = (type: SiteNatRule['type'], internal: string, external: string): SiteNatRule => {
  return { name: 'r', type, internal: { prefix: prefix(internal) }, external: { prefix: prefix(external) } }
}
const inside = (remote: readonly string[], ...ingress: SiteNatRule[]) => {
  const found = remotePrefixesInside({ remotePrefixes: remote.map(prefix), nat: { egress: [], ingress } })
  return found.map(formatIpPrefix)
}

test('without rules they are as they are', () => {
  expect(inside(['10.9.0.0/16', 'fd09::/64'])).toEqual(['10.9.0.0/16', 'fd09::/64'])
})

test('a static rule moves its part of a prefix, a dynamic one gathers it', () => {
  expect(inside(['10.9.4.0/24'], rule('static', '10.9.0.0/16', '172.16.0.0/16'))).toEqual(['172.16.4.0/24'])
  expect(inside(['10.9.0.0/16'], rule('dynamic', '10.9.0.0/16', '172.16.0.1/32'))).toEqual(['172.16.0.1/32'])
})

test('what no rule has stays beside it', () => {
  const found = inside(['10.9.0.0/16', '10.8.0.0/24'], rule('static', '10.9.4.0/24', '172.16.4.0/24'))
  expect(found).toEqual(['172.16.4.0/24', '10.9.0.0/16', '10.8.0.0/24'])
})

test('a rule for some ports leaves the others where they are', () => {
  const some = rule('static', '10.9.0.0/16', '172.16.0.0/16')
  const ports = { ...some, internal: { ...some.internal, ports: { first: 80, last: 80 } } }
  expect(inside(['10.9.0.0/16'], ports)).toEqual(['172.16.0.0/16', '10.9.0.0/16'])
})
