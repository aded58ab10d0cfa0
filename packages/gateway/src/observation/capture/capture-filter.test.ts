import { describe, expect, test } from 'vitest'
import type { Listener } from '../../configuration.ts'
import { CommandError } from '../../quick-start/command-error.ts'
import { address, prefix } from '../../testing/test-gateway.suite.ts'
import { EVERYTHING, parseCaptureFilter } from './capture-filter.ts'
import { captureExpression } from './filter-expression.ts'

/** The example of Azure's documentation. */
const AZURE = {
  TracingFlags: 11,
  MaxPacketBufferSize: 120,
  MaxFileSize: 200,
  Filters: [
    {
      SourceSubnets: ['20.1.1.0/24'],
      DestinationSubnets: ['10.1.1.0/24'],
      SourcePort: [500],
      DestinationPort: [4500],
      Protocol: [6],
      TcpFlags: 16,
      CaptureSingleDirectionTrafficOnly: true,
    },
  ],
}

function refusal(data: unknown): { readonly code: string; readonly target: string | undefined } {
  try {
    parseCaptureFilter(typeof data === 'string' ? data : JSON.stringify(data))
  } catch (error) {
    if (error instanceof CommandError) return { code: error.code, target: error.details[0]?.target }
    throw error
  }
  throw new Error(`was taken: ${JSON.stringify(data)}`)
}

describe('filterData', () => {
  test('is read as Azure documents it, in quotes of either kind', () => {
    const read = parseCaptureFilter(JSON.stringify(AZURE))
    expect(read).toEqual({
      esp: true,
      ike: true,
      openvpn: true,
      packetBytes: 120,
      fileBytes: 200_000_000,
      matches: [
        {
          sources: [prefix('20.1.1.0/24')],
          destinations: [prefix('10.1.1.0/24')],
          sourcePorts: [500],
          destinationPorts: [4500],
          protocols: [6],
          tcpFlags: 16,
          oneWay: true,
        },
      ],
    })
    expect(parseCaptureFilter(JSON.stringify(AZURE).replaceAll('"', "'"))).toEqual(read)
  })

  test('that is absent takes everything, and so does what it leaves out', () => {
    for (const text of [undefined, '', '{}', '{"Filters":[]}'])
      expect(parseCaptureFilter(text)).toEqual(EVERYTHING)
    const [match] = parseCaptureFilter(
      '{"Filters":[{"Protocol":17,"TcpFlags":-1,"PortValueAsAny":true}]}',
    ).matches
    expect(match).toEqual({
      sources: [],
      destinations: [],
      sourcePorts: [],
      destinationPorts: [],
      protocols: [17],
      tcpFlags: 0,
      oneWay: false,
    })
  })

  test.each([
    ['not JSON', 'filterData'],
    ['[]', 'filterData'],
    [{ TracingFlags: 4 }, 'filterData.TracingFlags'],
    [{ TracingFlags: 0 }, 'filterData.TracingFlags'],
    [{ MaxPacketBufferSize: -1 }, 'filterData.MaxPacketBufferSize'],
    [{ MaxFileSize: 0 }, 'filterData.MaxFileSize'],
    [{ MaxFileSize: 501 }, 'filterData.MaxFileSize'],
    [{ Filters: {} }, 'filterData.Filters'],
    [{ Filters: [1] }, 'filterData.Filters'],
    [{ Filters: Array(6).fill({}) }, 'filterData.Filters'],
    [{ Filters: [{ SourceSubnets: ['10.0.0.1/24'] }] }, 'filterData.Filters[0].SourceSubnets'],
    [{ Filters: [{}, { DestinationSubnets: ['x or 1=1'] }] }, 'filterData.Filters[1].DestinationSubnets'],
    [{ Filters: [{ SourcePort: ['80'] }] }, 'filterData.Filters[0].SourcePort'],
    [{ Filters: [{ DestinationPort: [65_536] }] }, 'filterData.Filters[0].DestinationPort'],
    [{ Filters: [{ Protocol: [256] }] }, 'filterData.Filters[0].Protocol'],
    [{ Filters: [{ Protocol: Array(33).fill(6) }] }, 'filterData.Filters[0].Protocol'],
    [{ Filters: [{ TcpFlags: 256 }] }, 'filterData.Filters[0].TcpFlags'],
    [
      { Filters: [{ CaptureSingleDirectionTrafficOnly: 1 }] },
      'filterData.Filters[0].CaptureSingleDirectionTrafficOnly',
    ],
    [`{"x":"${'x'.repeat(20_000)}"}`, 'filterData'],
  ])('%j is refused, and says where', (data, target) => {
    expect(refusal(data)).toEqual({ code: 'InvalidParameter', target })
  })
})

const at = (service: Listener['service'], port: number, host = '0.0.0.0'): Listener => ({
  transport: service === 'shared' ? 'tcp' : service === 'esp' ? 'esp' : 'udp',
  service,
  local: { address: address(host), port },
})

const LISTENERS = [
  at('openvpn', 443),
  at('openvpn', 443, '::'),
  at('shared', 443, '192.0.2.1'),
  at('ike', 500),
  at('ike-esp', 4500),
  at('esp', 0),
]

const expressionOf = (data: unknown, listeners = LISTENERS) =>
  captureExpression(parseCaptureFilter(JSON.stringify(data)), listeners, 7)

describe('the expression', () => {
  test('takes IP on the TUN device and the outer packets of all listeners elsewhere', () => {
    expect(captureExpression(EVERYTHING, LISTENERS, 7)).toBe(
      '((ifindex 7 and (ip or ip6)) or (not ifindex 7 and (((udp port 443) or ' +
        '(host 192.0.2.1 and tcp port 443) or (udp port 500) or (udp port 4500) or ((ip proto 50 or ip6 proto 50))))))',
    )
  })

  test('takes the kinds of TracingFlags alone', () => {
    const ike = expressionOf({ TracingFlags: 2 })
    expect(ike).not.toContain('(ifindex 7')
    expect(ike).not.toContain('443')
    expect(ike).toContain('udp port 4500 and ((ip and udp[8:4] = 0)')
    const esp = expressionOf({ TracingFlags: 1 })
    expect(esp).toContain('udp port 4500 and not (')
    expect(esp).not.toContain('port 500')
    expect(expressionOf({ TracingFlags: 2 }, [at('openvpn', 443)])).toBeUndefined()
  })

  test('takes both directions of a filter, or one', () => {
    const filter = { SourceSubnets: ['10.1.0.0/16', 'fd00::/8'], DestinationPort: 22, TcpFlags: 2 }
    const flags = '((ip and tcp[13] & 2 != 0) or (ip6 proto 6 and ip6[53] & 2 != 0))'
    const there = `((ip or ip6) and (src net 10.1.0.0/16 or src net fd00::/8) and (dst port 22) and ${flags})`
    const back = `((ip or ip6) and (dst net 10.1.0.0/16 or dst net fd00::/8) and (src port 22) and ${flags})`
    expect(expressionOf({ TracingFlags: 1, Filters: [filter] }, [])).toBe(
      `((ifindex 7 and ((${there} or ${back}))))`,
    )
    const oneWay = { ...filter, CaptureSingleDirectionTrafficOnly: true }
    expect(expressionOf({ TracingFlags: 1, Filters: [oneWay] }, [])).toBe(`((ifindex 7 and (${there})))`)
    expect(expressionOf({ TracingFlags: 1, Filters: [oneWay] })).toContain(`and (${there}))))`)
  })

  test('has no character that came from outside', () => {
    const text = expressionOf({ Filters: [{ SourceSubnets: ['::ffff:10.0.0.0/104'], Protocol: [1, 58] }] })
    expect(text).toMatch(/^[a-z0-9 ()[\]:&=!./]+$/)
  })
})
