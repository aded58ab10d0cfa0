import type { ListOptions, ListPage, Vault, VaultOperation } from '@causeway/key-vault'

/** A request to a vault, read from its URL and body. */
export interface VaultInput {
  readonly name: string
  /** `undefined`: the current one. */
  readonly version: string | undefined
  readonly body: unknown
  readonly list: ListOptions
}

/** What is done at a path. */
export interface VaultRoute {
  readonly method: string
  /** Words of the path; `{name}` and `{version}` stand for any. */
  readonly words: readonly string[]
  readonly operation: VaultOperation
  /** Of the answer when it is done. */
  readonly status: number
  run(vault: Vault, input: VaultInput): Promise<VaultResult>
}

/** What an operation comes to: JSON, a page of a list, or nothing. */
export type VaultResult =
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'page'; readonly page: ListPage<unknown> }
  | { readonly type: 'nothing' }

type Run<Result> = (vault: Vault, input: VaultInput) => Promise<Result>

/** The operations of Key Vault's data plane that are here. */
export const VAULT_ROUTES: readonly VaultRoute[] = [
  listed('certificates', 'listCertificates', ({ certificates }, { list }) => certificates.list(list)),
  listed('certificates/{name}/versions', 'listCertificateVersions', ({ certificates }, { name, list }) =>
    certificates.listVersions(name, list),
  ),
  valued('POST', 'certificates/{name}/import', 'importCertificate', ({ certificates }, { name, body }) =>
    certificates.import(name, body),
  ),
  valued(
    'POST',
    'certificates/{name}/create',
    'createCertificate',
    ({ certificates }, { name, body }) => certificates.create(name, body),
    202,
  ),
  valued('GET', 'certificates/{name}/pending', 'readCertificateOperation', ({ certificates }, { name }) =>
    certificates.operation(name),
  ),
  valued(
    'DELETE',
    'certificates/{name}/pending',
    'deleteCertificateOperation',
    ({ certificates }, { name }) => certificates.deleteOperation(name),
  ),
  valued('GET', 'certificates/{name}/policy', 'readCertificatePolicy', ({ certificates }, { name }) =>
    certificates.policy(name),
  ),
  valued(
    'PATCH',
    'certificates/{name}/policy',
    'updateCertificatePolicy',
    ({ certificates }, { name, body }) => certificates.updatePolicy(name, body),
  ),
  ...versioned('GET', 'certificates', 'readCertificate', ({ certificates }, { name, version }) =>
    certificates.get(name, version),
  ),
  ...versioned('PATCH', 'certificates', 'updateCertificate', ({ certificates }, { name, version, body }) =>
    certificates.update(name, version, body),
  ),
  valued('DELETE', 'certificates/{name}', 'deleteCertificate', ({ certificates }, { name }) =>
    certificates.delete(name),
  ),
  listed('deletedcertificates', 'listDeletedCertificates', ({ certificates }, { list }) =>
    certificates.listDeleted(list),
  ),
  valued('GET', 'deletedcertificates/{name}', 'readDeletedCertificate', ({ certificates }, { name }) =>
    certificates.getDeleted(name),
  ),
  valued(
    'POST',
    'deletedcertificates/{name}/recover',
    'recoverDeletedCertificate',
    ({ certificates }, { name }) => certificates.recover(name),
  ),
  purging('deletedcertificates/{name}', 'purgeDeletedCertificate', ({ certificates }, { name }) =>
    certificates.purge(name),
  ),
  listed('secrets', 'listSecrets', ({ secrets }, { list }) => secrets.list(list)),
  listed('secrets/{name}/versions', 'listSecretVersions', ({ secrets }, { name, list }) =>
    secrets.listVersions(name, list),
  ),
  valued('PUT', 'secrets/{name}', 'setSecret', ({ secrets }, { name, body }) => secrets.set(name, body)),
  ...versioned('GET', 'secrets', 'readSecret', ({ secrets }, { name, version }) =>
    secrets.get(name, version),
  ),
  ...versioned('PATCH', 'secrets', 'updateSecret', ({ secrets }, { name, version, body }) =>
    secrets.update(name, version, body),
  ),
  valued('DELETE', 'secrets/{name}', 'deleteSecret', ({ secrets }, { name }) => secrets.delete(name)),
  listed('deletedsecrets', 'listDeletedSecrets', ({ secrets }, { list }) => secrets.listDeleted(list)),
  valued('GET', 'deletedsecrets/{name}', 'readDeletedSecret', ({ secrets }, { name }) =>
    secrets.getDeleted(name),
  ),
  valued('POST', 'deletedsecrets/{name}/recover', 'recoverDeletedSecret', ({ secrets }, { name }) =>
    secrets.recover(name),
  ),
  purging('deletedsecrets/{name}', 'purgeDeletedSecret', ({ secrets }, { name }) => secrets.purge(name)),
]

/** What Key Vault has and this vault has not: keys, authorities, contacts, and copies that only Key Vault can open. */
export const DECLINED_PATHS: readonly { readonly method?: string; readonly words: readonly string[] }[] = [
  { words: wordsOf('certificates/contacts') },
  { words: wordsOf('certificates/issuers') },
  { words: wordsOf('certificates/issuers/{issuer}') },
  { words: wordsOf('certificates/{name}/pending/merge') },
  { words: wordsOf('certificates/{name}/pending'), method: 'PATCH' },
  { words: wordsOf('certificates/{name}/backup'), method: 'POST' },
  { words: wordsOf('certificates/restore'), method: 'POST' },
  { words: wordsOf('secrets/{name}/backup'), method: 'POST' },
  { words: wordsOf('secrets/restore'), method: 'POST' },
]

function valued(
  method: string,
  path: string,
  operation: VaultOperation,
  run: Run<unknown>,
  status = 200,
): VaultRoute {
  return {
    method,
    words: wordsOf(path),
    operation,
    status,
    run: async (vault, input) => ({ type: 'value', value: await run(vault, input) }),
  }
}

function listed(path: string, operation: VaultOperation, run: Run<ListPage<unknown>>): VaultRoute {
  return {
    method: 'GET',
    words: wordsOf(path),
    operation,
    status: 200,
    run: async (vault, input) => ({ type: 'page', page: await run(vault, input) }),
  }
}

function purging(path: string, operation: VaultOperation, run: Run<void>): VaultRoute {
  return {
    method: 'DELETE',
    words: wordsOf(path),
    operation,
    status: 204,
    run: async (vault, input) => {
      await run(vault, input)
      return { type: 'nothing' }
    },
  }
}

/** With a version, and without: the current one. */
function versioned(
  method: string,
  collection: string,
  operation: VaultOperation,
  run: Run<unknown>,
): readonly VaultRoute[] {
  return ['{name}', '{name}/{version}'].map(rest => valued(method, `${collection}/${rest}`, operation, run))
}

function wordsOf(path: string): readonly string[] {
  return path.split('/')
}
