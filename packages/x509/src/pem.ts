import { X509Error } from './errors.ts'

/** One PEM block (RFC 7468). */
export interface PemBlock {
  /** What stands after BEGIN, such as `CERTIFICATE`. */
  readonly label: string
  readonly der: Uint8Array
}

const lineLength = 64
const begin = '-----BEGIN '
const dashes = '-----'

/** Writes DER as one PEM block with a trailing line feed, in lines of 64 characters (RFC 7468 §2). */
export function formatPem(der: Uint8Array, label = 'CERTIFICATE'): string {
  const base64 = Buffer.from(der).toString('base64')
  const lines = base64.match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

/**
 * Reads every PEM block of a text; what stands between the blocks is ignored.
 *
 * Errors: `ERR_X509_ENCODING` for a block without its END line or with a body that is not base64.
 */
export function parsePem(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = []
  let from = text.indexOf(begin)
  while (from >= 0) {
    const { block, end } = readBlock(text, from)
    blocks.push(block)
    from = text.indexOf(begin, end)
  }
  return blocks
}

/**
 * Reads base64 with any white space in it.
 *
 * Errors: `ERR_X509_ENCODING` for any other character, or when characters are missing at the end.
 */
export function parseBase64(text: string): Uint8Array {
  const compact = text.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) {
    throw new X509Error(
      'ERR_X509_ENCODING',
      'the text is neither PEM nor base64: paste the .cer file as it is',
    )
  }
  if (compact.length % 4 !== 0) {
    throw new X509Error('ERR_X509_ENCODING', 'the base64 text is cut off: paste it again, whole')
  }
  return new Uint8Array(Buffer.from(compact, 'base64'))
}

function readBlock(text: string, from: number): { block: PemBlock; end: number } {
  const labelStart = from + begin.length
  const labelEnd = text.indexOf(dashes, labelStart)
  const label = labelEnd < 0 ? '' : text.slice(labelStart, labelEnd)
  const footer = `-----END ${label}-----`
  const bodyEnd = labelEnd < 0 ? -1 : text.indexOf(footer, labelEnd)
  if (bodyEnd < 0) {
    throw new X509Error('ERR_X509_ENCODING', 'a PEM block has no END line: paste the file again, whole')
  }
  const der = parseBase64(text.slice(labelEnd + dashes.length, bodyEnd))
  return { block: { label, der }, end: bodyEnd + footer.length }
}
