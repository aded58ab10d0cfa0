import { parseIpAddress, parseIpPrefix } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { AuthPair, allow, type Change, type Decide, type EndOptions, net } from '../auth/auth-pair.suite.ts'
import type { ConfigurationReply } from '../configuration-payload.ts'
import { trust } from '../testing/terms.suite.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'
import { formatScope } from './answer-child.ts'

const letIn = allow(net('10.2.0.0/16'), net('10.1.0.0/16'))

function pair(
  initiator: Partial<EndOptions> = {},
  responder: Partial<EndOptions> = {},
  change?: Change,
): AuthPair {
  return new AuthPair({ decide: trust, ...initiator }, { decide: letIn, ...responder }, change).run()
}

const kinds = (outputs: readonly { type: string }[]) =>
  outputs
    .map(output => ('event' in output ? (output.event as { type: string }).type : output.type))
    .filter(type => type !== 'request')

describe('the first Child SA', () => {
  it('is announced, opened, installed and selected in this order, at either end', () => {
    const { initiator, responder } = pair()
    const order = ['established', 'open-flow', 'install-sa', 'select-sa', 'child-established']
    expect(kinds(initiator.outputs)).toEqual(order)
    expect(kinds(responder.outputs)).toEqual(order)
  })

  it('is installed at the responder before its response is on the way', () => {
    const seen: number[] = []
    const run: AuthPair = new AuthPair({ decide: trust }, { decide: letIn }, (from, payloads) => {
      if (from === 'responder') seen.push(run.responder.of('select-sa').length)
      return payloads
    })
    run.run()
    // Payloads are sealed when the response is given, after everything else.
    expect(seen).toEqual([1])
  })

  it('travels in UDP behind a NAT or when forced, else raw', () => {
    expect(pair().initiator.of('open-flow')[0]?.path.encapsulated).toBe(true)
    const raw = new AuthPair({ decide: trust }, { decide: letIn })
    raw.initiator.sa.nat.remote = false
    expect(raw.run().initiator.of('open-flow')[0]?.path.encapsulated).toBe(false)
    const forced = new AuthPair({ decide: trust, terms: { forceEncapsulation: true } }, { decide: letIn })
    forced.initiator.sa.nat.remote = false
    expect(forced.run().initiator.of('open-flow')[0]?.path.encapsulated).toBe(true)
  })

  it('has the limits of the terms, and those of 32-bit sequence numbers', () => {
    const [esn] = pair().initiator.of('install-sa')
    expect(esn?.sa).toMatchObject({ softBytes: 1_000_000, hardBytes: 1_100_000, replayWindow: 128 })
    expect([esn?.sa.suite.extendedSequence, esn?.sa.softPackets, esn?.sa.hardPackets]).toEqual([true, 0, 0])
    const plain: Change = (from, payloads) =>
      from === 'initiator' ? payloads.map(withoutExtendedSequence) : payloads
    const [short] = pair({}, {}, plain).responder.of('install-sa')
    expect(short?.sa).toMatchObject({ softPackets: 3 * 2 ** 30, suite: { extendedSequence: false } })
    expect(short?.sa.hardPackets).toBeLessThan(2 ** 32)
  })

  it('is narrowed to the grant, and the initiator takes what it gets', () => {
    const wide = { local: net('0.0.0.0/0', '::/0'), remote: net('0.0.0.0/0', '::/0') }
    const grant = allow(net('10.2.0.0/16', '10.9.0.0/24'), net('172.16.0.5/32'))
    const { initiator, responder } = pair({ terms: wide }, { decide: grant })
    const [ours] = initiator.of('install-sa')
    expect(ours && formatScope(ours.sa)).toBe('172.16.0.5/32 === 10.2.0.0/16 10.9.0.0/24')
    const [theirs] = responder.of('install-sa')
    expect(theirs && formatScope(theirs.sa)).toBe('10.2.0.0/16 10.9.0.0/24 === 172.16.0.5/32')
  })

  it('carries no more than was asked for, whatever the responder answers', () => {
    const greedy: Change = (from, payloads) =>
      from === 'responder'
        ? payloads.map(payload =>
            payload.type === 'TSi' ? { ...payload, selectors: net('0.0.0.0/0') } : payload,
          )
        : payloads
    const [ours] = pair({}, {}, greedy).initiator.of('install-sa')
    expect(ours && formatScope(ours.sa)).toBe('10.1.0.0/16 === 10.2.0.0/16')
  })
})

describe('a first Child SA that cannot be', () => {
  const refusals: [string, Partial<EndOptions>, Partial<EndOptions>, number, RegExp][] = [
    [
      'for want of a common suite',
      { terms: { espSuites: [{ encryption: 'AES-GCM-16-128' }] } },
      {},
      NOTIFY.NO_PROPOSAL_CHOSEN,
      /proposes ESP: AES-GCM-16-128.*we have ESP: AES-GCM-16-256/,
    ],
    [
      'for want of common selectors',
      { terms: { remote: net('192.168.0.0/16') } },
      {},
      NOTIFY.TS_UNACCEPTABLE,
      /192\.168\.0\.0\/16 === 10\.1\.0\.0\/16; we have 10\.2\.0\.0\/16/,
    ],
  ]

  it.each(refusals)('%s leaves the IKE SA to the gateway', (_name, client, gateway, _notify, reason) => {
    const { initiator, responder } = pair(client, gateway)
    expect([initiator.state, responder.state]).toEqual(['established', 'established'])
    expect(responder.events('child-refused')).toMatchObject([{ byPeer: false }])
    expect(JSON.stringify(responder.events('child-refused'))).toMatch(reason)
    expect(initiator.events('child-refused')).toMatchObject([{ byPeer: true }])
    expect([initiator.spis.size, responder.spis.size]).toEqual([0, 0])
    expect([initiator.of('open-flow'), responder.of('open-flow')]).toEqual([[], []])
  })

  it('because the answer is none of the offer is deleted at the responder', () => {
    const other: Change = (from, payloads) =>
      from === 'responder'
        ? payloads.map(payload =>
            payload.type === 'SA'
              ? { ...payload, proposals: payload.proposals.map(one => ({ ...one, number: 9 })) }
              : payload,
          )
        : payloads
    const run = pair({}, {}, other)
    expect(run.initiator.events('child-refused')).toMatchObject([{ byPeer: false }])
    expect(run.informed).toMatchObject([[{ type: 'D', protocol: 3, spis: [{ length: 4 }] }]])
    expect(run.initiator.spis.size).toBe(0)
  })

  it('is half of one: the request is malformed', () => {
    const half: Change = (from, payloads) =>
      from === 'initiator' ? payloads.filter(({ type }) => type !== 'TSr') : payloads
    expect(pair({}, {}, half).responder.ended).toBe('not all of SA, TSi and TSr')
  })

  it.each([NOTIFY.SINGLE_PAIR_REQUIRED, NOTIFY.NO_ADDITIONAL_SAS, NOTIFY.INTERNAL_ADDRESS_FAILURE])(
    'by error %i from the responder is told',
    type => {
      const error: Payload = {
        type: 'N',
        protocol: 0,
        spi: new Uint8Array(),
        notify: type,
        data: new Uint8Array(),
      }
      const instead: Change = (from, payloads) =>
        from === 'responder'
          ? [...payloads.filter(payload => !['SA', 'TSi', 'TSr'].includes(payload.type)), error]
          : payloads
      const { initiator } = pair({}, {}, instead)
      expect(initiator.state).toBe('established')
      expect(initiator.events('child-refused')).toMatchObject([{ byPeer: true }])
    },
  )
})

describe('without a Child SA', () => {
  it('both ends are established where both want it so', () => {
    const { initiator, responder } = pair({ terms: { childless: true } })
    expect([initiator.state, responder.state]).toEqual(['established', 'established'])
    expect(kinds(responder.outputs)).toEqual(['established'])
    expect(initiator.spis.size).toBe(0)
  })

  it('nobody is left who cannot do that', () => {
    const run = new AuthPair({ decide: trust, terms: { childless: true } }, { decide: letIn })
    run.initiator.sa.peer.childless = false
    expect(run.run().initiator.of('install-sa')).toHaveLength(1)
  })
})

describe('what a client is given', () => {
  const configuration: ConfigurationReply = {
    ipv4: parseIpAddress('172.16.0.5') as never,
    dnsServers: [parseIpAddress('10.0.0.53') as never],
    dnsDomains: ['corp.example'],
    subnets: [parseIpPrefix('10.2.0.0/16') as never],
  }
  const grant: Decide = request =>
    request.type === 'authenticate'
      ? {
          type: 'allow',
          grant: { configuration, local: net('10.2.0.0/16'), remote: net('172.16.0.5/32') },
        }
      : undefined
  const roadWarrior = {
    requestAddresses: { ipv4: true, ipv6: false },
    local: net('0.0.0.0/0'),
    remote: net('0.0.0.0/0'),
  }

  it('comes before its flow', () => {
    const { initiator, responder } = pair({ terms: roadWarrior }, { decide: grant })
    expect(initiator.of('configure')).toMatchObject([{ configuration }])
    expect(kinds(initiator.outputs).slice(0, 3)).toEqual(['established', 'configure', 'open-flow'])
    expect(responder.of('request')[0]?.request).toMatchObject({ configuration: { ipv4: true, ipv6: false } })
  })

  it('is not sent to who did not ask', () => {
    expect(pair({}, { decide: grant }).initiator.of('configure')).toEqual([])
  })
})

describe('what else is said in IKE_AUTH', () => {
  it('INITIAL_CONTACT, MOBIKE and AUTH_LIFETIME reach the other end', () => {
    const { initiator, responder } = pair(
      { terms: { initialContact: true, mobike: true } },
      { terms: { mobike: true, reauthenticationSeconds: 7200 } },
    )
    expect(responder.of('request')[0]?.request).toMatchObject({ initialContact: true })
    expect(responder.events('established')).toMatchObject([{ initialContact: true, mobike: true }])
    expect(initiator.events('established')).toMatchObject([{ initialContact: false, mobike: true }])
    expect(initiator.sa.peer.authLifetimeSeconds).toBe(7200)
  })

  it('MOBIKE is only where both have it', () => {
    const one = pair({ terms: { mobike: true } })
    expect([one.initiator.events('established'), one.responder.events('established')]).toMatchObject([
      [{ mobike: false }],
      [{ mobike: false }],
    ])
  })

  it('transport mode, IPComp and other wishes are passed over', () => {
    const wishes = [NOTIFY.USE_TRANSPORT_MODE, NOTIFY.IPCOMP_SUPPORTED, NOTIFY.NON_FIRST_FRAGMENTS_ALSO]
    const asking: Change = (from, payloads) =>
      from === 'initiator'
        ? [
            ...payloads,
            ...wishes.map(
              (notify): Payload => ({
                type: 'N',
                protocol: 0,
                spi: new Uint8Array(),
                notify,
                data: new Uint8Array(3),
              }),
            ),
          ]
        : payloads
    const answers: Payload[] = []
    const run = pair({}, {}, (from, payloads, mark) => {
      if (from === 'responder') answers.push(...payloads)
      return asking(from, payloads, mark)
    })
    expect(run.responder.of('install-sa')).toHaveLength(1)
    expect(
      answers.filter(payload => payload.type === 'N' && wishes.includes(payload.notify as never)),
    ).toEqual([])
  })
})

function withoutExtendedSequence(payload: Payload): Payload {
  if (payload.type !== 'SA') return payload
  const proposals = payload.proposals.map(proposal => ({
    ...proposal,
    transforms: proposal.transforms.filter(({ type, id }) => type !== 5 || id === 0),
  }))
  return { ...payload, proposals }
}
