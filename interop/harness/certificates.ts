import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchDirectory } from './scratch.ts'
import { runOk } from './shell.ts'

/** A certificate and its private key as PEM files, made by the `openssl` program: independent of our own code. */
export interface Credential {
  readonly commonName: string
  readonly certificatePath: string
  readonly keyPath: string
}

/** What a certificate may be used for; `none` has no extended key usage at all. */
export type Usage = 'clientAuth' | 'serverAuth' | 'serverAuth,clientAuth' | 'codeSigning' | 'none'

const KEYS = {
  'rsa-1024': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'],
  'rsa-2048': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  'rsa-4096': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:4096'],
  'ecp-256': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'ecp-384': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
} as const

/** What kind of key a certificate is for. */
export type KeyKind = keyof typeof KEYS

export interface IssueOptions {
  readonly commonName: string
  readonly usage?: Usage
  /** Days from now; negative is the past. Default -1 to 30. */
  readonly fromDays?: number
  readonly toDays?: number
  /** Use this key instead of making one: hundreds of certificates are quick to issue then. */
  readonly keyPath?: string
  /** Default `rsa-2048`. */
  readonly key?: KeyKind
  readonly isAuthority?: boolean
  /** In OpenSSL's words: `DNS:name`, `IP:10.0.0.1`. */
  readonly alternativeNames?: readonly string[]
  /** In OpenSSL's words, in place of what fits an end entity or an authority. */
  readonly keyUsage?: string
  /** In OpenSSL's words, in place of the common name alone: `/O=Contoso/CN=site`; `/` is empty. */
  readonly subject?: string
  /** Further lines of OpenSSL's configuration: `crlDistributionPoints=URI:http://…`. */
  readonly extensions?: readonly string[]
}

/** A self-signed root of its own. */
export async function createAuthority(commonName: string, key: KeyKind = 'rsa-2048'): Promise<Credential> {
  const directory = scratchDirectory('ca')
  const keyPath = join(directory, 'ca.key')
  const certificatePath = join(directory, 'ca.pem')
  await createKey(key, keyPath)
  const subject = ['-subj', `/CN=${commonName}`, '-days', '3650']
  const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']
  const args = ['req', '-x509', '-new', '-key', keyPath, '-out', certificatePath, ...subject]
  await runOk('openssl', [...args, ...extensions.flatMap(line => ['-addext', line])])
  return { commonName, certificatePath, keyPath }
}

export async function issue(authority: Credential, options: IssueOptions): Promise<Credential> {
  const directory = scratchDirectory('x')
  const path = (name: string): string => join(directory, name)
  const keyPath = options.keyPath ?? path('leaf.key')
  if (options.keyPath === undefined) await createKey(options.key ?? 'rsa-2048', keyPath)
  writeFileSync(path('index.txt'), '')
  writeFileSync(path('ca.cnf'), authorityConfig(directory, options))
  const subject = ['-subj', options.subject ?? `/CN=${options.commonName}`]
  await runOk('openssl', ['req', '-new', '-key', keyPath, ...subject, '-out', path('leaf.csr')])
  const signer = ['-cert', authority.certificatePath, '-keyfile', authority.keyPath]
  const dates = [
    '-startdate',
    opensslDate(options.fromDays ?? -1),
    '-enddate',
    opensslDate(options.toDays ?? 30),
  ]
  const files = ['-in', path('leaf.csr'), '-out', path('leaf.pem')]
  await runOk('openssl', [
    'ca',
    '-batch',
    '-notext',
    '-config',
    path('ca.cnf'),
    ...signer,
    ...dates,
    ...files,
  ])
  return { commonName: options.commonName, certificatePath: path('leaf.pem'), keyPath }
}

/** The SHA-1 thumbprint as Azure writes it: 40 upper-case hex digits. */
export async function thumbprint(credential: Credential): Promise<string> {
  const args = ['x509', '-in', credential.certificatePath, '-noout', '-fingerprint', '-sha1']
  return (await runOk('openssl', args)).replace(/^.*=/, '').replaceAll(':', '').trim()
}

/** The certificate in the one-line base64 that ARM's `publicCertData` wants. */
export function publicCertData(credential: Pick<Credential, 'certificatePath'>): string {
  return readFileSync(credential.certificatePath, 'utf8').replace(/-----[^-]+-----|\s/g, '')
}

async function createKey(kind: KeyKind, path: string): Promise<void> {
  await runOk('openssl', ['genpkey', ...KEYS[kind], '-out', path])
}

function authorityConfig(directory: string, options: IssueOptions): string {
  const usage = options.usage ?? 'clientAuth'
  const keyUsage = options.isAuthority ? 'keyCertSign,cRLSign' : 'digitalSignature,keyEncipherment'
  const names = options.alternativeNames ?? []
  return [
    '[ca]',
    'default_ca=own',
    '[own]',
    `database=${join(directory, 'index.txt')}`,
    `new_certs_dir=${directory}`,
    'rand_serial=yes',
    'default_md=sha256',
    'policy=any',
    'preserve=yes',
    'x509_extensions=leaf',
    '[any]',
    'commonName=optional',
    'organizationName=optional',
    '[leaf]',
    `basicConstraints=critical,CA:${options.isAuthority ? 'TRUE' : 'FALSE'}`,
    `keyUsage=critical,${options.keyUsage ?? keyUsage}`,
    ...(usage === 'none' ? [] : [`extendedKeyUsage=${usage}`]),
    ...(names.length === 0 ? [] : [`subjectAltName=${names.join(',')}`]),
    ...(options.extensions ?? []),
    'subjectKeyIdentifier=hash',
    'authorityKeyIdentifier=keyid',
    '',
  ].join('\n')
}

function opensslDate(days: number): string {
  const iso = new Date(Date.now() + days * 86_400_000).toISOString()
  return `${iso.replace(/[-:T]/g, '').slice(0, 14)}Z`
}
