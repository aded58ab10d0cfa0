import { type Credential, createAuthority, issue } from '../harness/certificates.ts'

/** A client certificate that has to be refused, and what the gateway's log says of it. */
export interface BadCertificate {
  readonly name: string
  readonly reason: RegExp
  make(root: Credential): Promise<Credential>
}

const USER = 'eve'

export const BAD_CERTIFICATES: readonly BadCertificate[] = [
  {
    name: 'of a wrong root',
    reason: /issuer|self.signed|not trusted|untrusted|no trusted root/i,
    make: async () => issue(await createAuthority('Other Root'), { commonName: USER }),
  },
  {
    name: 'of a root of the right name with another key',
    reason: /signature|issuer|not trusted|untrusted|no trusted root/i,
    make: async root => issue(await createAuthority(root.commonName), { commonName: USER }),
  },
  {
    name: 'that has expired',
    reason: /expired/i,
    make: root => issue(root, { commonName: USER, fromDays: -30, toDays: -1 }),
  },
  {
    name: 'that is not yet valid',
    reason: /not yet valid/i,
    make: root => issue(root, { commonName: USER, fromDays: 2, toDays: 30 }),
  },
  {
    name: 'for servers only',
    reason: /purpose|clientAuth/i,
    make: root => issue(root, { commonName: USER, usage: 'serverAuth' }),
  },
]
