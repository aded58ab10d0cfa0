import { createSigner } from '@causeway/crypto-node'
import { asciiBytes } from '@causeway/wire'
import { beforeAll, describe, expect, test } from 'vitest'
import type { GatewayConfiguration } from '../configuration.ts'
import type { ResponderMaterial } from '../ikev2/peer-terms.ts'
import { gatewayCredentials, root } from '../testing/credentials.suite.ts'
import { byCertificate } from '../testing/site-certificates.suite.ts'
import { connectionOf, EAST, IKE_SUITE, WEST } from '../testing/site-pair.suite.ts'
import { address, defaultConfiguration } from '../testing/test-gateway.suite.ts'
import { clientGrantTerms, type Places, responderTerms } from './responder-terms.ts'
import type { SiteConnection } from './site-configuration.ts'

let plain: GatewayConfiguration
let material: ResponderMaterial

beforeAll(async () => {
  const authority = await root()
  const { chain, privateKey } = await gatewayCredentials(authority)
  plain = defaultConfiguration(authority)
  material = { chain, signer: createSigner(privateKey), serverName: 'gateway.test' }
})

const WEAK = { ...IKE_SUITE, encryption: 'AES-CBC-128' } as const
const ELSEWHERE = address('203.0.113.1')

function toEast(changes: Partial<SiteConnection> = {}): SiteConnection {
  return connectionOf(WEST, EAST, { ikeSuites: { initiator: [IKE_SUITE], responder: [WEAK] }, ...changes })
}

function configured(
  connections: readonly SiteConnection[],
  tunnels: GatewayConfiguration['tunnels'] = new Set(),
): GatewayConfiguration {
  return { ...plain, tunnels, sites: { connections, clientTransit: false, siteTransit: false } }
}

function termsOf(
  configuration: GatewayConfiguration,
  places: Places = new Map(),
  hashesOf: Parameters<typeof responderTerms>[1] = () => [],
) {
  return responderTerms({ configuration, material, places }, hashesOf)
}

describe('the terms of who comes', () => {
  test('are none without connections and without clients', () => {
    expect(termsOf(configured([])).of(ELSEWHERE)).toBeUndefined()
  })

  test('are those of clients alone where there is no connection', () => {
    const configuration = configured([], new Set(['IkeV2']))
    const terms = termsOf(configuration).of(ELSEWHERE)
    expect(terms).toMatchObject({ ikeSuites: plain.ikev2.ikeSuites, peer: { certificate: true, eap: true } })
    expect(terms?.peer).not.toHaveProperty('pskByIdentity')
    expect(clientGrantTerms({ configuration, material })).toBeUndefined()
  })

  test('at the address of a connection are its own, and beside clients theirs after it', () => {
    const remote = address(EAST.outer)
    expect(termsOf(configured([toEast()])).of(remote)).toMatchObject({
      label: WEST.connection,
      ikeSuites: [WEAK],
      peer: { certificate: false, eap: false, pskByIdentity: true },
    })
    const both = termsOf(configured([toEast()], new Set(['IkeV2']))).of(remote)
    expect(both?.ikeSuites).toEqual([WEAK, ...plain.ikev2.ikeSuites])
  })

  test('anywhere else are those of all, of clients first', () => {
    const configuration = configured([toEast()], new Set(['IkeV2']))
    const terms = termsOf(configuration).of(ELSEWHERE)
    expect(terms?.label).toBeUndefined()
    expect(terms?.ikeSuites).toEqual([...plain.ikev2.ikeSuites, WEAK])
    const { ikeSuites, espSuites } = plain.ikev2
    expect(clientGrantTerms({ configuration, material })).toMatchObject({ ikeSuites, espSuites })
  })

  test('of several connections at one address are those of all', () => {
    const second = toEast({ id: '/connections/second' })
    expect(termsOf(configured([toEast(), second])).of(address(EAST.outer))?.label).toBeUndefined()
  })

  test('find a connection by the address that its name had last', () => {
    const named = toEast({ remote: { type: 'name', name: 'east.test' } })
    const places = new Map([[named.id, ELSEWHERE]])
    expect(termsOf(configured([named])).of(ELSEWHERE)?.label).toBeUndefined()
    expect(termsOf(configured([named]), places).of(ELSEWHERE)?.label).toBe(named.id)
  })

  test('ask for a certificate of the authorities that connections trust, of no more than a few', () => {
    const authentication = byCertificate('https://vault.test/certificates/site', 'site-east')
    const connections = Array.from({ length: 50 }, (_, i) =>
      toEast({ id: `/connections/${i}`, authentication }),
    )
    const terms = termsOf(configured(connections), new Map(), ({ id }) => [asciiBytes(id)]).of(ELSEWHERE)
    expect(terms?.peer).toEqual({ certificate: true, eap: false, pskByIdentity: false })
    expect(terms?.authorityKeyHashes).toHaveLength(32)
  })
})

describe('what is offered to a stranger', () => {
  const OTHER = { ...IKE_SUITE, group: 'MODP-2048' } as const
  const STRONG = { encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA384', group: 'ECP-384' } as const
  const suitesOf = (...policies: SiteConnection['ikeSuites']['responder'][]) => {
    const connections = policies.map((responder, i) =>
      toEast({ id: `/c/${i}`, ikeSuites: { initiator: responder, responder } }),
    )
    return termsOf(configured(connections)).of(ELSEWHERE)?.ikeSuites
  }

  test("is what all policies have before what is one's alone: for that the others' peers would be refused", () => {
    expect(suitesOf([OTHER, IKE_SUITE, STRONG], [STRONG])).toEqual([STRONG, OTHER, IKE_SUITE])
    expect(suitesOf([OTHER, STRONG], [IKE_SUITE, STRONG], [STRONG, OTHER])).toEqual([
      STRONG,
      OTHER,
      IKE_SUITE,
    ])
  })

  test('has the order of each policy where nothing else decides', () => {
    expect(suitesOf([OTHER, IKE_SUITE])).toEqual([OTHER, IKE_SUITE])
    expect(suitesOf([OTHER], [IKE_SUITE, STRONG])).toEqual([OTHER, IKE_SUITE, STRONG])
  })
})
