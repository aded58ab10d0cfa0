import type { Reader, Writer } from '@causeway/wire'
import { PROPOSALS, TRANSFORMS } from '../../limits.ts'
import { PROTOCOL } from '../numbers.ts'
import type { PayloadOf, Proposal, Transform } from '../payload.ts'
import { readAttributes, writeKeyLength } from '../transform-attributes.ts'
import type { PayloadCodec } from './codec.ts'

/*
 * RFC 7296 §3.3, a chain of proposals, each (§3.3.1):
 * | Last Substruc |   RESERVED    |         Proposal Length       |
 * | Proposal Num  |  Protocol ID  |    SPI Size   |Num  Transforms|
 * ~                        SPI (variable)                         ~
 * ~                        Transforms                             ~
 * and each transform (§3.3.2):
 * | Last Substruc |   RESERVED    |        Transform Length       |
 * |Transform Type |   RESERVED    |          Transform ID         |
 * ~                      Transform Attributes                     ~
 */
export const securityAssociation: PayloadCodec<PayloadOf<'SA'>> = {
  read: body => {
    const proposals = readSubstructures(body, MORE_PROPOSALS, PROPOSALS, readProposal)
    checkNumbers(body, proposals)
    return { type: 'SA', proposals }
  },
  write: (body, { proposals }) => {
    writeSubstructures(body, MORE_PROPOSALS, proposals, writeProposal)
  },
}

/** What "Last Substruc" says when another one follows. */
const MORE_PROPOSALS = 2
const MORE_TRANSFORMS = 3

function readSubstructures<T>(
  body: Reader,
  more: number,
  limit: number,
  read: (inner: Reader) => T,
): readonly T[] {
  const found: T[] = []
  for (let last = false; !last; ) {
    if (found.length === limit) body.fail('limit', 'substructures')
    const mark = body.u8('last substructure')
    if (mark !== 0 && mark !== more) body.fail('invalid', 'last substructure')
    body.skip(1, 'reserved')
    const length = body.u16('substructure length')
    found.push(read(body.sub(length - 4, 'substructure')))
    last = mark === 0
  }
  body.end('substructures')
  return found
}

function writeSubstructures<T>(
  body: Writer,
  more: number,
  items: readonly T[],
  write: (inner: Writer, item: T) => void,
): void {
  for (const [index, item] of items.entries()) {
    const start = body.length
    body.u8(index === items.length - 1 ? 0 : more).u8(0)
    body.reserve(2)
    write(body, item)
    const length = body.length - start
    body.patch(start + 2, Uint8Array.of(length >>> 8, length))
  }
}

function readProposal(reader: Reader): Proposal {
  const number = reader.u8('proposal number')
  const protocol = reader.u8('protocol ID')
  const size = reader.u8('SPI size')
  const count = reader.u8('number of transforms')
  checkSpiSize(reader, protocol, size)
  const spi = reader.bytes(size, 'SPI').slice()
  if (count === 0) {
    reader.end('transforms')
    return { number, protocol, spi, transforms: [] }
  }
  const transforms = readSubstructures(reader, MORE_TRANSFORMS, TRANSFORMS, readTransform)
  if (transforms.length !== count) reader.fail('invalid', 'number of transforms')
  return { number, protocol, spi, transforms }
}

function writeProposal(writer: Writer, { number, protocol, spi, transforms }: Proposal): void {
  writer.u8(number).u8(protocol).u8(spi.length).u8(transforms.length).bytes(spi)
  writeSubstructures(writer, MORE_TRANSFORMS, transforms, writeTransform)
}

/** None in IKE_SA_INIT or 8 bytes in a rekey for IKE; 4 for AH and ESP. Others are never chosen. */
function checkSpiSize(reader: Reader, protocol: number, size: number): void {
  const isIke = protocol === PROTOCOL.IKE
  const isIpsec = protocol === PROTOCOL.AH || protocol === PROTOCOL.ESP
  if ((isIke && size !== 0 && size !== 8) || (isIpsec && size !== 4)) reader.fail('invalid', 'SPI size')
}

/** RFC 7296 §3.3.1: the first is 1, each next one more; an answer holds one, with the number it chose. */
function checkNumbers(reader: Reader, proposals: readonly Proposal[]): void {
  const first = proposals[0]?.number ?? 0
  const counted = proposals.every(({ number }, index) => number === first + index)
  if (!counted || first === 0 || (proposals.length > 1 && first !== 1)) {
    reader.fail('invalid', 'proposal number')
  }
}

function readTransform(reader: Reader): Transform {
  const type = reader.u8('transform type')
  reader.skip(1, 'reserved')
  const id = reader.u16('transform ID')
  return { type, id, ...readAttributes(reader) }
}

function writeTransform(writer: Writer, transform: Transform): void {
  writer.u8(transform.type).u8(0).u16(transform.id)
  if (transform.keyBits !== undefined) writeKeyLength(writer, transform.keyBits)
}
