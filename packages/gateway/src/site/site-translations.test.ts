import type { Datapath, NatRules } from '@causeway/datapath'
import { formatIpPrefix, type IpPrefix, parseIpPrefix } from '@causeway/wire'
import { beforeEach, describe, expect, test } from 'vitest'
import type { SiteNat, SiteNatRule } from './site-configuration.ts'
import { SiteTranslations } from './site-translations.ts'

let calls: string[]
let translations: SiteTranslations

beforeEach(() => {
  calls = []
  let nats = 0
  const text = ({ egress }: NatRules) => egress.map(({ external }) => formatIpPrefix(external.prefix)).join()
  const part: Pick<Datapath, 'openNat' | 'changeNat' | 'closeNat' | 'translateFlow'> = {
    openNat: rules => {
      calls.push(`open ${text(rules)}`)
      return ++nats
    },
    changeNat: (nat, rules) => void calls.push(`change ${nat} ${text(rules)}`),
    closeNat: nat => void calls.push(`close ${nat}`),
    translateFlow: (flow, nat) => void calls.push(`flow ${flow} by ${nat}`),
  }
  translations = new SiteTranslations(part as Datapath)
})

function natTo(external?: string): SiteNat {
  if (external === undefined) return { egress: [], ingress: [] }
  const addresses = (network: string) => ({ prefix: parseIpPrefix(network) as IpPrefix })
  const rule: SiteNatRule = {
    name: 'r',
    type: 'static',
    internal: addresses('10.1.0.0/16'),
    external: addresses(external),
  }
  return { egress: [rule], ingress: [] }
}

const connection = (id: string, external?: string) => ({ id, nat: natTo(external) })

describe('translations of sites', () => {
  test('a connection without rules has none', () => {
    translations.translate(1, connection('a'))
    expect(calls).toEqual([])
  })

  test('flows of a connection share one; a change of rules reaches all of them', () => {
    for (const flow of [1, 2]) translations.translate(flow, connection('a', '100.1.0.0/16'))
    translations.translate(3, connection('b', '100.1.0.0/16'))
    for (const flow of [1, 2]) translations.translate(flow, connection('a', '100.2.0.0/16'))
    expect(calls).toEqual([
      'open 100.1.0.0/16',
      'flow 1 by 1',
      'flow 2 by 1',
      'open 100.1.0.0/16',
      'flow 3 by 2',
      'change 1 100.2.0.0/16',
    ])
  })

  test('it outlives its flows, and ends with its rules or its connection', () => {
    translations.translate(1, connection('a', '100.1.0.0/16'))
    translations.closed(1)
    translations.translate(2, connection('a', '100.1.0.0/16'))
    translations.keep(new Set(['a']))
    translations.translate(2, connection('a'))
    translations.translate(2, connection('a', '100.1.0.0/16'))
    translations.keep(new Set())
    expect(calls).toEqual([
      'open 100.1.0.0/16',
      'flow 1 by 1',
      'flow 2 by 1',
      'close 1',
      'open 100.1.0.0/16',
      'flow 2 by 2',
      'close 2',
    ])
  })
})
