import type { DocumentFault } from '@causeway/api-contract'
import type { VaultOperation } from '@causeway/key-vault'
import { type Body, isObject } from '../resources/document.ts'
import { type AccessPolicy, policiesIn } from './vault-properties.ts'

/** Words of access policies, by what they are about (Microsoft.KeyVault, `Permissions`). */
const WORDS = {
  secrets: ['all', 'get', 'list', 'set', 'delete', 'backup', 'restore', 'recover', 'purge'],
  certificates: [
    'all',
    'get',
    'list',
    'delete',
    'create',
    'import',
    'update',
    'managecontacts',
    'getissuers',
    'listissuers',
    'setissuers',
    'deleteissuers',
    'manageissuers',
    'recover',
    'purge',
    'backup',
    'restore',
  ],
} as const

type Subject = keyof typeof WORDS
/** What an operation needs where a vault goes by access policies: `certificates get`. */
type Permission = { readonly [S in Subject]: readonly [S, (typeof WORDS)[S][number]] }[Subject]

/** Source: the required permission that each operation of Key Vault's REST reference names. */
const PERMISSIONS: Readonly<Record<VaultOperation, Permission>> = {
  listCertificates: ['certificates', 'list'],
  listCertificateVersions: ['certificates', 'list'],
  readCertificate: ['certificates', 'get'],
  importCertificate: ['certificates', 'import'],
  createCertificate: ['certificates', 'create'],
  readCertificateOperation: ['certificates', 'get'],
  deleteCertificateOperation: ['certificates', 'update'],
  updateCertificate: ['certificates', 'update'],
  readCertificatePolicy: ['certificates', 'get'],
  updateCertificatePolicy: ['certificates', 'update'],
  deleteCertificate: ['certificates', 'delete'],
  listDeletedCertificates: ['certificates', 'list'],
  readDeletedCertificate: ['certificates', 'get'],
  recoverDeletedCertificate: ['certificates', 'recover'],
  purgeDeletedCertificate: ['certificates', 'purge'],
  listSecrets: ['secrets', 'list'],
  listSecretVersions: ['secrets', 'list'],
  readSecret: ['secrets', 'get'],
  setSecret: ['secrets', 'set'],
  updateSecret: ['secrets', 'set'],
  deleteSecret: ['secrets', 'delete'],
  listDeletedSecrets: ['secrets', 'list'],
  readDeletedSecret: ['secrets', 'get'],
  recoverDeletedSecret: ['secrets', 'recover'],
  purgeDeletedSecret: ['secrets', 'purge'],
}

/** What an operation needs, as a refusal names it: `certificates get`. */
export function permissionText(operation: VaultOperation): string {
  return PERMISSIONS[operation].join(' ')
}

/** Whether access policies let somebody do something. `all` is everything but purging. */
export function policiesAllow(
  policies: readonly AccessPolicy[],
  principalIds: readonly string[],
  tenant: string | undefined,
  operation: VaultOperation,
): boolean {
  const [subject, word] = PERMISSIONS[operation]
  const ids = new Set(principalIds.map(id => id.toLowerCase()))
  return policies.some(policy => {
    const held: readonly string[] = policy[subject]
    const isTheirs =
      ids.has(policy.objectId) && (tenant === undefined || policy.tenantId === tenant.toLowerCase())
    return isTheirs && (held.includes(word) || (word !== 'purge' && held.includes('all')))
  })
}

/** What is wrong with `properties.accessPolicies` beyond its shape. */
export function accessPolicyFaults(body: Body): readonly DocumentFault[] {
  return policiesIn(body).flatMap(({ applicationId, permissions }, i): DocumentFault[] => {
    const path = `properties.accessPolicies[${i}]`
    const wrong: DocumentFault[] = []
    if (applicationId !== undefined)
      wrong.push({
        path: `${path}.applicationId`,
        problem: 'asks for the rights of a user through one application, which is not judged here',
        remedy: 'leave it out, or give the application itself a policy by its objectId',
      })
    const given = isObject(permissions) ? permissions : {}
    return [
      ...wrong,
      ...Object.entries(WORDS).flatMap(([subject, words]) => wordFaults(path, given, subject, words)),
    ]
  })
}

function wordFaults(path: string, given: Body, subject: string, words: readonly string[]): DocumentFault[] {
  const list = given[subject]
  if (!Array.isArray(list)) return []
  return list.flatMap((word, i): DocumentFault[] =>
    words.includes(String(word).toLowerCase())
      ? []
      : [
          {
            path: `${path}.permissions.${subject}[${i}]`,
            problem: `'${String(word).slice(0, 40)}' is none of the permissions of ${subject}`,
            remedy: `give one of ${words.join(', ')}`,
          },
        ],
  )
}
