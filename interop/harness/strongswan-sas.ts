import { isSections, parsePretty, type Sections, subsections } from './swanctl.ts'

/** What `swanctl --list-sas` shows of an IKE_SA. */
export interface IkeSa {
  readonly id: string
  readonly state: string
  readonly localPort: number
  readonly remotePort: number
  readonly localHost: string
  readonly remoteHost: string
  /** `AES_GCM_16-256/PRF_HMAC_SHA2_384/ECP_384`, with the integrity where there is one. */
  readonly suite: string
  readonly initiatorSpi: string
  readonly virtualAddresses: readonly string[]
  readonly children: readonly ChildSa[]
}

export interface ChildSa {
  readonly id: string
  readonly state: string
  /** `AES_CBC-256/HMAC_SHA2_256_128`, with the group where it came from an exchange of its own. */
  readonly suite: string
  readonly inboundSpi: string
  readonly localSelectors: readonly string[]
  readonly remoteSelectors: readonly string[]
  readonly packetsIn: number
  readonly packetsOut: number
}

/** Reads `swanctl --list-sas --pretty`. */
export function readSas(text: string): IkeSa[] {
  const events = Object.entries(parsePretty(text)).filter(([name]) => name.startsWith('list-sa event'))
  return events.flatMap(([, event]) => (isSections(event) ? subsections(event) : [])).map(readIkeSa)
}

function readIkeSa(sa: Sections): IkeSa {
  const children = sa['child-sas']
  return {
    id: text(sa, 'uniqueid'),
    state: text(sa, 'state'),
    localHost: text(sa, 'local-host'),
    localPort: Number(text(sa, 'local-port')),
    remoteHost: text(sa, 'remote-host'),
    remotePort: Number(text(sa, 'remote-port')),
    suite: suite(sa),
    initiatorSpi: text(sa, 'initiator-spi'),
    virtualAddresses: list(sa, 'local-vips'),
    children: isSections(children) ? subsections(children).map(readChildSa) : [],
  }
}

function readChildSa(sa: Sections): ChildSa {
  return {
    id: text(sa, 'uniqueid'),
    state: text(sa, 'state'),
    suite: suite(sa),
    inboundSpi: text(sa, 'spi-in'),
    localSelectors: list(sa, 'local-ts'),
    remoteSelectors: list(sa, 'remote-ts'),
    packetsIn: Number(text(sa, 'packets-in')),
    packetsOut: Number(text(sa, 'packets-out')),
  }
}

function suite(sa: Sections): string {
  const cipher = [text(sa, 'encr-alg'), text(sa, 'encr-keysize')].join('-')
  const parts = [cipher, ...['integ-alg', 'prf-alg', 'dh-group'].map(name => text(sa, name))]
  return parts.filter(part => part !== '').join('/')
}

function text(sections: Sections, name: string): string {
  const value = sections[name]
  return typeof value === 'string' ? value : ''
}

function list(sections: Sections, name: string): readonly string[] {
  const value = sections[name]
  return Array.isArray(value) ? (value as string[]) : []
}
