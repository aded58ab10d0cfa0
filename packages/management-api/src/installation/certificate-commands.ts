import {
  type ErrorCode,
  NAME_RULES,
  nameFault,
  quote,
  type StoredCertificateView,
  type VaultCertificateDetail,
  type VaultCertificateView,
} from '@causeway/api-contract'
import { CommandError, issueSiteCertificate, type ManagementPort } from '@causeway/gateway'
import { type CertificateBundle, type Vault, VaultError, type VaultErrorCode } from '@causeway/key-vault'
import {
  describeCertificate,
  type Issuer,
  readKeyBundle,
  X509Error,
  type X509ErrorCode,
} from '@causeway/x509'
import type { ResourceStore } from '../resources/resource-store.ts'
import { isDeleted } from '../vault/vault-claims.ts'
import type { LiveVault, Vaults } from '../vault/vaults.ts'
import { type CertificateUse, certificateUses } from './certificate-use.ts'
import { outboundVerdict, pemContent, readVaultContent, trustOf } from './vault-content.ts'

export interface CertificateCommandsOptions {
  readonly vaults: Vaults
  readonly resources: ResourceStore
  /** Signs what is issued. */
  readonly authority: Issuer
  /** Makes a vault of this name, of the installation. Errors: `CommandError`. */
  readonly makeVault: (name: string) => Promise<void>
  /** Unix seconds. */
  readonly now: () => number
}

/** The commands about certificates in vaults. */
export type CertificateCommands = Pick<
  ManagementPort,
  'importCertificate' | 'issueCertificate' | 'listCertificates' | 'showCertificate'
>

type Params<Method extends keyof CertificateCommands> = Parameters<CertificateCommands[Method]>[0]

/** In the history: who did it. */
const INSTALLATION = 'installation'

/** Commands about the vaults of whoever runs the gateway: they need no role, as the data directory is theirs. */
export function createCertificateCommands(options: CertificateCommandsOptions): CertificateCommands {
  const commands = new Commands(options)
  return {
    importCertificate: wanted => told(() => commands.import(wanted)),
    issueCertificate: wanted => told(() => commands.issue(wanted)),
    listCertificates: wanted => told(() => commands.list(wanted)),
    showCertificate: wanted => told(() => commands.show(wanted)),
  }
}

/** A vault that is there, open. */
interface OpenVault {
  readonly name: string
  readonly vault: Vault
}

class Commands {
  readonly #options: CertificateCommandsOptions

  constructor(options: CertificateCommandsOptions) {
    this.#options = options
  }

  async import({
    vault: name,
    name: certificate,
    content,
    password,
    createVault,
  }: Params<'importCertificate'>): Promise<StoredCertificateView> {
    return this.#store(name, certificate, createVault === true, async () => {
      checkReadable(content, password)
      return { value: content, ...(password !== undefined && { pwd: password }) }
    })
  }

  async issue({
    vault,
    name,
    createVault,
    ...request
  }: Params<'issueCertificate'>): Promise<StoredCertificateView> {
    const { authority, now } = this.#options
    return this.#store(vault, name, createVault === true, async () => {
      const issued = await issueSiteCertificate(authority, request, Math.floor(now()))
      return { value: pemContent(issued.privateKey, [issued.certificate, authority.certificate]) }
    })
  }

  async list({ vault: wanted }: Params<'listCertificates'>): Promise<readonly VaultCertificateView[]> {
    const opened = wanted === undefined ? await this.#all() : [await this.#one(wanted)]
    const uses = await this.#uses()
    const views = await Promise.all(opened.map(each => versionsShown(each, uses)))
    return views.flat()
  }

  async show({ vault: wanted, name, version }: Params<'showCertificate'>): Promise<VaultCertificateDetail> {
    const opened = await this.#one(wanted)
    const { vault } = opened
    const bundle = await vault.certificates.get(name, version)
    const current = version === undefined ? bundle : await vault.certificates.get(name)
    const content = await readVaultContent(vault, bundle)
    const leaf = Buffer.from(bundle.cer, 'base64')
    const { issuer, subjectAltNames, keyType, keyBits } = describeCertificate(leaf)
    return {
      ...viewOf(opened.name, bundle, current, await this.#uses()),
      issuer,
      names: [...new Set(subjectAltNames.map(({ value }) => value))],
      key: `${keyType} ${keyBits}`,
      outbound: outboundVerdict(content, this.#options.now()),
      ...trustOf(content.type === 'read' ? content.material.chain : [leaf], leaf),
    }
  }

  /** What is stored is what `body` makes, once it is certain that there is a place for it. */
  async #store(
    wanted: string,
    name: string,
    mayMakeVault: boolean,
    body: () => Promise<object>,
  ): Promise<StoredCertificateView> {
    const present = await this.#options.vaults.find(wanted)
    const hasMadeVault = !present && mayMakeVault
    const made = await body()
    if (hasMadeVault) await this.#options.makeVault(checkedVaultName(wanted))
    const opened = present ? this.#open(present) : await this.#one(wanted)
    const bundle = await opened.vault.certificates.import(name, made)
    const content = await readVaultContent(opened.vault, bundle)
    return {
      ...viewOf(opened.name, bundle, bundle, await this.#uses()),
      hasMadeVault,
      outbound: outboundVerdict(content, this.#options.now()),
    }
  }

  async #all(): Promise<readonly OpenVault[]> {
    const { vaults } = this.#options
    const found = await Promise.all((await vaults.claims.all()).map(({ claim }) => vaults.find(claim.name)))
    return found.filter(vault => vault !== undefined).map(vault => this.#open(vault))
  }

  async #one(name: string): Promise<OpenVault> {
    const found = await this.#options.vaults.find(name)
    if (found) return this.#open(found)
    const claim = (await this.#options.vaults.claims.read(name))?.claim
    if (claim && isDeleted(claim))
      throw new CommandError(
        'Conflict',
        `the vault ${claim.name} is deleted; recover it (az keyvault recover), or give another name`,
      )
    const names = (await this.#all()).map(vault => vault.name)
    const others = names.length === 0 ? 'there is none yet' : `there are ${names.join(', ')}`
    throw new CommandError(
      'ResourceNotFound',
      `there is no vault ${quote(name)}: ${others}; give another, or make it with --create-vault`,
    )
  }

  #open(vault: LiveVault): OpenVault {
    return { name: vault.name, vault: this.#options.vaults.open(vault, INSTALLATION) }
  }

  #uses(): Promise<readonly CertificateUse[]> {
    const { resources, vaults } = this.#options
    return certificateUses(resources, vaults.hosts)
  }
}

/** The newest version of each certificate, and those that a connection names. */
async function versionsShown(
  { name: vaultName, vault }: OpenVault,
  uses: readonly CertificateUse[],
): Promise<readonly VaultCertificateView[]> {
  const views: VaultCertificateView[] = []
  for (const name of await certificateNames(vault)) {
    const current = await vault.certificates.get(name)
    views.push(viewOf(vaultName, current, current, uses))
    for (const version of namedVersions(uses, vaultName, name)) {
      const bundle = await versionOrNone(vault, name, version)
      if (bundle && bundle.id !== current.id) views.push(viewOf(vaultName, bundle, current, uses))
    }
  }
  return views
}

async function certificateNames(vault: Vault): Promise<readonly string[]> {
  const names: string[] = []
  let next: string | undefined
  do {
    const page = await vault.certificates.list({ next })
    names.push(...page.value.map(({ id }) => id.split('/').at(-1) ?? ''))
    next = page.next
  } while (next !== undefined)
  return names
}

function namedVersions(uses: readonly CertificateUse[], vault: string, name: string): ReadonlySet<string> {
  const versions = uses.filter(use => isOf(use, vault, name)).map(({ version }) => version)
  return new Set(versions.filter(version => version !== undefined))
}

/** A connection may name a version that never was. */
async function versionOrNone(
  vault: Vault,
  name: string,
  version: string,
): Promise<CertificateBundle | undefined> {
  try {
    return await vault.certificates.get(name, version)
  } catch (error) {
    if (error instanceof VaultError && error.code === 'CertificateNotFound') return undefined
    throw error
  }
}

function viewOf(
  vault: string,
  { id, cer, attributes }: CertificateBundle,
  current: CertificateBundle,
  uses: readonly CertificateUse[],
): VaultCertificateView {
  const [name = '', version = ''] = id.split('/').slice(-2)
  const isCurrent = id === current.id
  const { subject, thumbprint, notAfter } = describeCertificate(Buffer.from(cer, 'base64'))
  const users = uses.filter(
    use => isOf(use, vault, name) && (use.version === undefined ? isCurrent : use.version === version),
  )
  return {
    vault,
    name,
    version,
    isCurrent,
    id,
    subject,
    thumbprint,
    expiresAt: notAfter,
    isEnabled: attributes.enabled,
    usedBy: users.map(({ connection }) => connection),
  }
}

function isOf(use: CertificateUse, vault: string, name: string): boolean {
  return use.vault === vault.toLowerCase() && use.name.toLowerCase() === name.toLowerCase()
}

/** Before anything is made. Errors: `CommandError`. */
function checkReadable(content: string, password: string | undefined): void {
  try {
    readKeyBundle(content, password)
  } catch (error) {
    if (!(error instanceof X509Error)) throw error
    throw new CommandError('InvalidParameter', `${error.message}${remedyOf(error.code, password)}`)
  }
}

function remedyOf(code: X509ErrorCode, password: string | undefined): string {
  switch (code) {
    case 'ERR_X509_PKCS12_PASSWORD':
      return password === undefined ? '; give it with --password-file' : '; check --password-file'
    case 'ERR_X509_NO_KEY':
      return '; put the key into the file, beside its certificate and the issuers'
    default:
      return ''
  }
}

function checkedVaultName(name: string): string {
  const fault = nameFault(NAME_RULES.vault, name)
  if (!fault) return name
  throw new CommandError(
    'InvalidParameter',
    `the vault name ${quote(name)} ${fault.problem}; ${fault.remedy}`,
  )
}

const CODES: Readonly<Record<VaultErrorCode, ErrorCode>> = {
  BadParameter: 'InvalidParameter',
  Forbidden: 'Conflict',
  CertificateNotFound: 'ResourceNotFound',
  SecretNotFound: 'ResourceNotFound',
  PendingCertificateNotFound: 'ResourceNotFound',
  Conflict: 'Conflict',
}

/** What a vault refuses is told as the other commands tell it. */
async function told<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof VaultError)) throw error
    const { code, message, target } = error
    // Of the file there is no field that anybody gave a name.
    const said = target === 'value' ? message.replace(/^value: /, '') : message
    throw new CommandError(CODES[code], said)
  }
}
