import {
  compareIpAddresses,
  type IpAddress,
  ipAddress,
  type Reader,
  type TrafficSelector,
  type Writer,
} from '@causeway/wire'
import { SELECTORS } from '../../limits.ts'
import type { PayloadOf } from '../payload.ts'
import type { PayloadCodec } from './codec.ts'

/*
 * RFC 7296 §3.13
 * | Number of TSs |                 RESERVED                      |
 * ~                       <Traffic Selectors>                     ~
 * each (§3.13.1):
 * |   TS Type     |IP Protocol ID*|       Selector Length         |
 * |           Start Port*         |           End Port*           |
 * ~                         Starting Address*                     ~
 * ~                         Ending Address*                       ~
 */
export const selectorsI: PayloadCodec<PayloadOf<'TSi'>> = codec('TSi')
export const selectorsR: PayloadCodec<PayloadOf<'TSr'>> = codec('TSr')

/** TS types and the bytes of their addresses. */
const ADDRESS_BYTES: ReadonlyMap<number, 4 | 16> = new Map([
  [7, 4],
  [8, 16],
])
const TS_IPV4_ADDR_RANGE = 7
const TS_IPV6_ADDR_RANGE = 8

function codec<Type extends 'TSi' | 'TSr'>(
  type: Type,
): PayloadCodec<{ readonly type: Type; readonly selectors: readonly TrafficSelector[] }> {
  return {
    read: body => ({ type, selectors: readSelectors(body) }),
    write: (body, { selectors }) => {
      body.u8(selectors.length).u24(0)
      for (const selector of selectors) writeSelector(body, selector)
    },
  }
}

function readSelectors(body: Reader): TrafficSelector[] {
  const count = body.u8('number of TSs')
  if (count > SELECTORS) body.fail('limit', 'number of TSs')
  body.skip(3, 'reserved')
  const selectors: TrafficSelector[] = []
  for (let i = 0; i < count; i++) {
    const selector = readSelector(body)
    if (selector) selectors.push(selector)
  }
  body.end('traffic selectors')
  return selectors
}

/** `undefined` for a type that is not known, which is passed over (§2.9), and for OPAQUE ports. */
function readSelector(body: Reader): TrafficSelector | undefined {
  const type = body.u8('TS type')
  const protocol = body.u8('IP protocol ID')
  const length = body.u16('selector length')
  const inner = body.sub(length - 4, 'selector')
  const addressBytes = ADDRESS_BYTES.get(type)
  if (!addressBytes) return undefined
  const startPort = inner.u16('start port')
  const endPort = inner.u16('end port')
  const start = ipAddress(inner.bytes(addressBytes, 'starting address'))
  const end = ipAddress(inner.bytes(addressBytes, 'ending address'))
  inner.end('selector')
  if (compareIpAddresses(start, end) > 0) inner.fail('invalid', 'ending address')
  if (isOpaque(startPort, endPort)) return undefined
  if (startPort > endPort) inner.fail('invalid', 'end port')
  return { protocol, startPort, endPort, start, end }
}

/** §3.13.1: packets whose ports cannot be seen. No SA of ours carries those alone. */
function isOpaque(startPort: number, endPort: number): boolean {
  return startPort === 65535 && endPort === 0
}

function writeSelector(writer: Writer, selector: TrafficSelector): void {
  const { start, end } = selector
  writer
    .u8(typeOf(start))
    .u8(selector.protocol)
    .u16(8 + 2 * start.bytes.length)
    .u16(selector.startPort)
    .u16(selector.endPort)
    .bytes(start.bytes)
    .bytes(end.bytes)
}

function typeOf({ family }: IpAddress): number {
  return family === 4 ? TS_IPV4_ADDR_RANGE : TS_IPV6_ADDR_RANGE
}
