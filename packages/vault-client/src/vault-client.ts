import { CertificateClient, type CertificateClientOptions } from '@azure/keyvault-certificates'
import { type KeyVaultSecret, SecretClient } from '@azure/keyvault-secrets'
import { describeCertificate, readKeyBundle, X509Error } from '@causeway/x509'
import { credentialOf, type VaultIdentity } from './identity.ts'
import { limits } from './limits.ts'
import { VaultAgent, type VaultAgentOptions } from './vault-agent.ts'
import { AZURE_VAULT_DOMAINS, parseVaultObjectId, type VaultObjectId } from './vault-object-id.ts'
import { disabled, type ReadObject, refusal, refusalOf, type VaultRefusal } from './vault-refusal.ts'

export interface VaultClientOptions extends VaultAgentOptions {
  readonly identity: VaultIdentity
  /** Domains below which vaults may be asked, without a dot before them. Default Azure's own. */
  readonly domains?: readonly string[]
  /** Takes a token for another resource than the one above the vault's host. Default no. */
  readonly disableChallengeResourceVerification?: boolean
  /** How long a reading may take as a whole. Default 30,000, at most 300,000. */
  readonly readingMilliseconds?: number
}

/** A certificate with its key. */
export interface VaultCertificate {
  readonly type: 'certificate'
  /** `https://HOST[:PORT]`. */
  readonly vaultUrl: string
  readonly name: string
  /** The version that was read, also where none was named. */
  readonly version: string
  /** DER; the certificate of the key first, then what was stored with it. */
  readonly chain: readonly [Uint8Array, ...Uint8Array[]]
  /** PKCS#8 in PEM: a secret. */
  readonly privateKey: string
  /** Unix seconds, as the certificate itself says. */
  readonly notBefore: number
  readonly notAfter: number
}

/** Reads certificates of vaults, with one identity. */
export interface VaultClient {
  /**
   * The certificate with its key that an identifier names: of a certificate or of its secret, of a version or of the
   * current one. What is refused is a value.
   */
  readCertificate(id: string): Promise<VaultCertificate | VaultRefusal>
  /** Lets go of connections. */
  close(): void
}

/** Errors: `ERR_VAULT_OPTION`; OpenSSL's for a `ca` that is none, at the first connection. */
export function createVaultClient(options: VaultClientOptions): VaultClient {
  const agent = new VaultAgent(options)
  const reader = new Reader(options, agent)
  const { domains = AZURE_VAULT_DOMAINS } = options
  return {
    readCertificate: async id => {
      const parsed = parseVaultObjectId(id, domains)
      return parsed.type === 'refused' ? parsed : reader.read(parsed)
    },
    close: () => agent.destroy(),
  }
}

/** The clients of one vault. They know its challenge, and its token. */
interface Clients {
  readonly certificates: CertificateClient
  readonly secrets: SecretClient
}

class Reader {
  readonly #options: VaultClientOptions
  readonly #credential: ReturnType<typeof credentialOf>
  readonly #clientOptions: CertificateClientOptions
  readonly #milliseconds: number
  /** By URL of the vault. */
  readonly #clients = new Map<string, Clients>()

  constructor(options: VaultClientOptions, agent: VaultAgent) {
    const { identity, readingMilliseconds = limits.readingMilliseconds.usual } = options
    if (!(readingMilliseconds >= 1 && readingMilliseconds <= limits.readingMilliseconds.most))
      throw Object.assign(new Error(`readingMilliseconds must be 1 to ${limits.readingMilliseconds.most}`), {
        code: 'ERR_VAULT_OPTION',
      })
    this.#options = options
    this.#credential = credentialOf(identity)
    this.#clientOptions = clientOptionsOf(options, agent)
    this.#milliseconds = readingMilliseconds
  }

  async read(id: VaultObjectId): Promise<VaultCertificate | VaultRefusal> {
    const abortSignal = AbortSignal.timeout(this.#milliseconds)
    const clients = this.#clientsOf(id.vaultUrl)
    const secretId = id.kind === 'secret' ? id : await this.#secretOf(id, clients, abortSignal)
    if (secretId.type === 'refused') return secretId
    const { name, version, text, host } = secretId
    try {
      const options = { abortSignal, ...(version !== undefined && { version }) }
      const secret = await clients.secrets.getSecret(name, options)
      return secret.properties.enabled === false ? disabled(id.text) : contentOf(id, secret)
    } catch (error) {
      return this.#refused(error, { kind: 'secret', id: text, host }, name, clients, abortSignal)
    }
  }

  /** The secret that a certificate's key is in, of the same version. */
  async #secretOf(
    id: VaultObjectId,
    { certificates }: Clients,
    abortSignal: AbortSignal,
  ): Promise<VaultObjectId | VaultRefusal> {
    const { name, version, host, text } = id
    try {
      const { secretId = '', properties } =
        version === undefined
          ? await certificates.getCertificate(name, { abortSignal })
          : await certificates.getCertificateVersion(name, version, { abortSignal })
      if (properties.enabled === false) return disabled(text)
      const secret = parseVaultObjectId(secretId, this.#options.domains ?? AZURE_VAULT_DOMAINS)
      // The token is the vault's: it goes to no other one.
      if (secret.type === 'id' && secret.host === host) return secret
      return refusal('no-private-key', `${text} names no secret of its vault that would hold its key.`)
    } catch (error) {
      const read = { kind: 'certificate', id: text, host } as const
      return this.#refused(error, read, name, { certificates }, abortSignal)
    }
  }

  /** What an error stands for. What is not there may be deleted: whoever may know is told. */
  async #refused(
    error: unknown,
    read: ReadObject,
    name: string,
    { certificates, secrets }: Partial<Clients>,
    abortSignal: AbortSignal,
  ): Promise<VaultRefusal> {
    const refused = refusalOf(error, read)
    if (refused.reason !== 'not-found') return refused
    const options = { abortSignal }
    const isDeleted =
      (await succeeds(certificates?.getDeletedCertificate(name, options))) ||
      (await succeeds(secrets?.getDeletedSecret(name, options)))
    return isDeleted ? refusal('deleted', `${read.id} is deleted: recover it in its vault.`) : refused
  }

  #clientsOf(vaultUrl: string): Clients {
    const present = this.#clients.get(vaultUrl)
    if (present) return present
    if (this.#clients.size >= limits.vaults) this.#clients.clear()
    const made: Clients = {
      certificates: new CertificateClient(vaultUrl, this.#credential, this.#clientOptions),
      secrets: new SecretClient(vaultUrl, this.#credential, this.#clientOptions),
    }
    this.#clients.set(vaultUrl, made)
    return made
  }
}

function clientOptionsOf(
  { disableChallengeResourceVerification = false }: VaultClientOptions,
  agent: VaultAgent,
): CertificateClientOptions {
  return {
    disableChallengeResourceVerification,
    redirectOptions: { maxRetries: 0 },
    retryOptions: {
      maxRetries: limits.retries,
      retryDelayInMs: limits.retryMilliseconds.first,
      maxRetryDelayInMs: limits.retryMilliseconds.most,
    },
    additionalPolicies: [
      {
        position: 'perCall',
        policy: {
          name: 'vaultAgentPolicy',
          sendRequest: (request, next) => {
            request.agent = agent
            request.timeout = limits.requestMilliseconds
            return next(request)
          },
        },
      },
    ],
  }
}

/** Whether a question was answered; why not is of no interest. */
async function succeeds(question: Promise<unknown> | undefined): Promise<boolean> {
  if (!question) return false
  return question.then(
    () => true,
    () => false,
  )
}

function contentOf(
  id: VaultObjectId,
  { value = '', properties }: KeyVaultSecret,
): VaultCertificate | VaultRefusal {
  try {
    const { privateKey, certificate, chain } = readKeyBundle(value, undefined).bundle
    const { notBefore, notAfter } = describeCertificate(certificate)
    return {
      type: 'certificate',
      vaultUrl: id.vaultUrl,
      name: id.name,
      version: properties.version ?? id.version ?? '',
      chain: [certificate, ...chain],
      privateKey,
      notBefore,
      notAfter,
    }
  } catch (error) {
    if (!(error instanceof X509Error)) throw error
    if (error.code === 'ERR_X509_NO_KEY')
      return refusal(
        'no-private-key',
        `${id.text} comes without its private key: its policy must have an exportable key, and the certificate must be made or imported anew.`,
      )
    return refusal('unreadable', `${id.text} holds no certificate with its key: ${error.message}.`)
  }
}
