import type { EspSuite, IkeSuite } from '../proposal/suite.ts'

const STRONG = ['MODP-2048-256', 'MODP-2048', 'ECP-384', 'ECP-256'] as const
const PFS = [{}, ...STRONG.map(group => ({ group }))] as const

const ikeRows = (suite: Omit<IkeSuite, 'group'>): IkeSuite[] => STRONG.map(group => ({ ...suite, group }))

/** A policy as wide as Azure's for point-to-site: what `P2S_IKE_POLICY` of the API contract means. */
export const IKE_SUITES: readonly IkeSuite[] = [
  ...ikeRows({ encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA384' }),
  ...ikeRows({ encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA256' }),
  ...ikeRows({ encryption: 'AES-CBC-256', integrity: 'HMAC-SHA384-192', prf: 'HMAC-SHA384' }),
  ...ikeRows({ encryption: 'AES-CBC-256', integrity: 'HMAC-SHA256-128', prf: 'HMAC-SHA256' }),
  { encryption: 'AES-CBC-256', integrity: 'HMAC-SHA256-128', prf: 'HMAC-SHA256', group: 'MODP-1024' },
]

/** The same for `P2S_IPSEC_POLICY`. */
export const ESP_SUITES: readonly EspSuite[] = [
  ...PFS.map(pfs => ({ encryption: 'AES-GCM-16-256', ...pfs }) as const),
  ...PFS.map(pfs => ({ encryption: 'AES-CBC-256', integrity: 'HMAC-SHA256-128', ...pfs }) as const),
  { encryption: 'AES-CBC-256', integrity: 'HMAC-SHA1-96' },
]
