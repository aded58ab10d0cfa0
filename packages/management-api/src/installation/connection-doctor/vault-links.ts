import type { FindingView } from '@causeway/api-contract'
import type { ConnectionRecord } from '@causeway/gateway'
import { type CertificateBundle, type Vault, VaultError } from '@causeway/key-vault'
import type { ManagedIdentity } from '@causeway/token-service'
import { parseVaultObjectId, type VaultObjectId } from '@causeway/vault-client'
import { describeCertificate } from '@causeway/x509'
import { isDeleted } from '../../vault/vault-claims.ts'
import { judgeVaultRight } from '../../vault/vault-rights.ts'
import type { LiveVault } from '../../vault/vaults.ts'
import { outboundVerdict, readVaultContent } from '../vault-content.ts'
import type { DoctorOptions, Examined } from './examined.ts'
import { bad, good, refusal, warning } from './link.ts'

/** Days before its end from which on a certificate wants attention: as the engine warns. */
const EXPIRY_DAYS = 30
const DAY_SECONDS = 86_400

/** The outbound certificate, from its identifier to its last day. */
export async function vaultLinks(
  options: DoctorOptions,
  { connection, record }: Examined,
  identities: readonly ManagedIdentity[],
): Promise<readonly FindingView[]> {
  const text = connection.properties.certificateAuthentication?.outboundAuthCertificate ?? ''
  const id = parseVaultObjectId(text, options.vaultDomains)
  if (id.type === 'refused')
    return [refusal('certificate identifier', id.message, 'give https://VAULT.DOMAIN/certificates/NAME')]
  const pinned = id.version === undefined ? 'of whichever version is the newest' : `of version ${id.version}`
  const identifier = good('certificate identifier', `${id.name} in ${id.host}, ${pinned}`)
  const name = options.vaults.hosts.nameOf(id.host)
  if (name === undefined) return [identifier, ...(await foreignLinks(options, id, record))]
  return [identifier, ...(await ownLinks(options, { id, name, identities, record }))]
}

/** Nobody but the gateway itself may look into a vault of somebody else. */
async function foreignLinks(
  { resolve, now }: DoctorOptions,
  { host }: VaultObjectId,
  record: ConnectionRecord | undefined,
): Promise<readonly FindingView[]> {
  const addresses = await resolve(host).catch(() => [])
  if (addresses.length === 0) {
    const fix = 'check the identifier, and the name server of this machine'
    return [bad('vault', `the name ${host} has no address`, fix)]
  }
  const found = good('vault', `${host} is ${addresses.join(', ')}; only the gateway itself can look into it`)
  return [found, ...readLinks(record, now())]
}

/** What the gateway has had from a vault. */
function readLinks(record: ConnectionRecord | undefined, now: number): readonly FindingView[] {
  const check = 'certificate'
  const { certificate, reason } = record ?? {}
  if (reason?.code === 'certificate-refused')
    return [refusal(check, reason.message, "give the gateway's identity its roles at the vault")]
  if (!certificate) return [warning(check, 'the gateway has read none yet', 'wait a moment, and look again')]
  const { subject, version, notAfterSeconds } = certificate
  return [
    good(check, `${subject} of version ${version} is in use`),
    expiryLink('expiry', notAfterSeconds, now),
  ]
}

/** A certificate in a vault of this installation. */
interface OwnPlace {
  readonly id: VaultObjectId
  /** Of the vault. */
  readonly name: string
  readonly identities: readonly ManagedIdentity[]
  readonly record: ConnectionRecord | undefined
}

async function ownLinks(
  options: DoctorOptions,
  { id, name, identities, record }: OwnPlace,
): Promise<readonly FindingView[]> {
  const live = await options.vaults.find(name)
  if (!live) return [await missingVault(options, name)]
  const kind = live.properties.isRbac ? 'roles' : 'access policies'
  const vault = options.vaults.open(live, 'installation')
  return [
    good('vault', `${live.name} is there; rights are ${kind}`),
    ...rightLinks(options, live, id, identities),
    ...(await certificateLinks(options, vault, id, record?.certificate?.version)),
  ]
}

async function missingVault({ vaults }: DoctorOptions, name: string): Promise<FindingView> {
  const claim = (await vaults.claims.read(name))?.claim
  if (claim && isDeleted(claim))
    return bad('vault', `${claim.name} is deleted`, `recover it: az keyvault recover --name ${claim.name}`)
  return bad('vault', `there is no vault ${name}`, 'make it, or name another one in outboundAuthCertificate')
}

/** One identity is enough, and it needs every right. */
function rightLinks(
  options: DoctorOptions,
  vault: LiveVault,
  id: VaultObjectId,
  identities: readonly ManagedIdentity[],
): readonly FindingView[] {
  if (identities.length === 0) return []
  const each = identities.map(identity => rightsOf(options, vault, id, identity))
  const whole = each.find(rights => rights.every(({ state }) => state === 'good'))
  return whole ?? each[0] ?? []
}

const RIGHTS = [
  {
    check: 'right to the certificate',
    operation: 'readCertificate',
    collection: 'certificates',
    role: 'Key Vault Certificate User',
    permission: '--certificate-permissions get',
  },
  {
    check: 'right to its key',
    operation: 'readSecret',
    collection: 'secrets',
    role: 'Key Vault Secrets User',
    permission: '--secret-permissions get',
  },
] as const

function rightsOf(
  { roles, tenantId }: DoctorOptions,
  vault: LiveVault,
  { kind, name }: VaultObjectId,
  { principalId, clientId, resourceId }: ManagedIdentity,
): readonly FindingView[] {
  const identity = {
    objectId: principalId,
    appId: clientId,
    displayName: clientId,
    tenant: tenantId,
    groups: [],
    hasMoreGroups: false,
  }
  const needed = RIGHTS.filter(({ collection }) => kind === 'certificate' || collection === 'secrets')
  return needed.map(({ check, operation, collection, role, permission }) => {
    const refused = judgeVaultRight(roles, vault, identity, { operation, object: `${collection}/${name}` })
    const who = resourceId.split('/').at(-1) ?? resourceId
    if (!refused) return good(check, `${who} has it`)
    if (vault.properties.isRbac) {
      const fix = `az role assignment create --assignee-object-id ${principalId} --assignee-principal-type ServicePrincipal --role "${role}" --scope ${vault.id}`
      return bad(check, `${who} lacks the role ${role} at the vault ${vault.name}`, fix)
    }
    const fix = `az keyvault set-policy --name ${vault.name} --object-id ${principalId} ${permission}`
    return bad(check, `no access policy of the vault ${vault.name} gives it to ${who}`, fix)
  })
}

/** @param inUse the version that the gateway uses; `undefined`: none. */
async function certificateLinks(
  { now }: DoctorOptions,
  vault: Vault,
  id: VaultObjectId,
  inUse: string | undefined,
): Promise<readonly FindingView[]> {
  const check = 'certificate'
  const bundle = await bundleOf(vault, id)
  if (!('cer' in bundle)) return [bundle]
  const version = bundle.id.split('/').at(-1) ?? ''
  if (!bundle.attributes.enabled) {
    const fix = 'enable it in its vault, or name another version'
    return [bad(check, `version ${version} of ${id.name} is disabled`, fix)]
  }
  const { notAfter, subject } = describeCertificate(Buffer.from(bundle.cer, 'base64'))
  const found = good(check, `${subject} of version ${version} is enabled`)
  const verdict = outboundVerdict(await readVaultContent(vault, bundle), now())
  if (!verdict.accepted)
    return [found, refusal('fitness', verdict.message, 'import another certificate into the vault')]
  const fit = good('fitness', ['it is fit', ...verdict.notes].join('; '))
  return [found, fit, expiryLink('expiry', notAfter, now()), ...useLinks(version, inUse)]
}

/** A peer that does not take the newest version keeps the former one in use. */
function useLinks(newest: string, inUse: string | undefined): readonly FindingView[] {
  if (inUse === undefined) return []
  const check = 'version in use'
  if (inUse === newest) return [good(check, inUse)]
  const fix = 'wait for the next look into the vault; if it stays so, look for it in the log'
  return [warning(check, `the gateway uses ${inUse}, and the vault has ${newest}`, fix)]
}

/** The certificate, or what is in its place. */
async function bundleOf(
  vault: Vault,
  { name, version }: VaultObjectId,
): Promise<CertificateBundle | FindingView> {
  const check = 'certificate'
  try {
    return await vault.certificates.get(name, version)
  } catch (error) {
    if (!(error instanceof VaultError)) throw error
    const isRecoverable = await vault.certificates.getDeleted(name).then(
      () => true,
      () => false,
    )
    if (isRecoverable) return bad(check, `${name} is deleted`, 'recover it in its vault')
    const which = version === undefined ? name : `version ${version} of ${name}`
    return bad(
      check,
      `there is no ${which} in the vault`,
      'import it with causeway cert import, or name another one',
    )
  }
}

export function expiryLink(check: string, notAfter: number, now: number): FindingView {
  const day = new Date(notAfter * 1_000).toISOString().slice(0, 10)
  const days = Math.floor((notAfter - now) / DAY_SECONDS)
  if (days < 0) return bad(check, `ended on ${day}`, 'renew it')
  if (days <= EXPIRY_DAYS) return warning(check, `ends in ${days} days, on ${day}`, 'renew it')
  return good(check, `${days} days, until ${day}`)
}
