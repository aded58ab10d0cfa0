import { addressIdentification, type Identification, nameIdentification } from '@causeway/ikev2'
import type { RemotePlace } from '@causeway/site-to-site'
import { describe, expect, test } from 'vitest'
import { connectionOf, EAST, WEST } from '../testing/site-pair.suite.ts'
import { address } from '../testing/test-gateway.suite.ts'
import type { LiveConnection } from './live-connection.ts'
import { connectionOfIdentity } from './peer-identity.ts'

const FROM = address(WEST.outer)
const ELSEWHERE = address('203.0.113.9')
const INNER = address('192.168.0.1')

function connection(id: string, remote: RemotePlace): LiveConnection {
  return { id, configuration: connectionOf(EAST, WEST, { id, remote }) } as unknown as LiveConnection
}

const here = connection('/c/here', { type: 'address', address: FROM })
const there = connection('/c/there', { type: 'address', address: ELSEWHERE })
const inner = connection('/c/inner', { type: 'address', address: INNER })
const named = connection('/c/named', { type: 'name', name: 'site.example' })
const sameName = connection('/c/same-name', { type: 'name', name: 'Site.Example' })

function claimed(
  connections: readonly LiveConnection[],
  identification: Identification,
  label?: string,
  from = FROM,
): string | undefined {
  return connectionOfIdentity(connections, { identification, label, from })?.id
}

describe('a peer with a shared key that says who it is', () => {
  test('by its name is not taken for the connection whose address it comes from', () => {
    const byName = nameIdentification('site.example')
    expect(claimed([here, named], byName, here.id)).toBe(named.id)
    expect(claimed([here, named], byName)).toBe(named.id)
    expect(claimed([named, sameName], byName, sameName.id)).toBe(sameName.id)
  })

  test('by an inner address, as behind a NAT, is the one of the address that it comes from', () => {
    expect(claimed([inner, here], addressIdentification(INNER), here.id)).toBe(here.id)
    expect(claimed([inner, here], addressIdentification(INNER))).toBe(inner.id)
  })

  test('by its address is found wherever it comes from', () => {
    const byAddress = addressIdentification(ELSEWHERE)
    expect(claimed([here, there], byAddress, undefined, INNER)).toBe(there.id)
  })

  test('by what nobody is called is the one whose address it comes from, or nobody', () => {
    const unknown = nameIdentification('other.example')
    expect(claimed([named, here], unknown)).toBe(here.id)
    expect(claimed([named, here], unknown, undefined, ELSEWHERE)).toBeUndefined()
  })
})
