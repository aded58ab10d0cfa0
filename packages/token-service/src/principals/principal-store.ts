import { createHash, randomUUID } from 'node:crypto'
import type { StoredDocument } from '@causeway/store'
import { TokenServiceError } from '../errors.ts'
import { limits } from '../limits.ts'
import { readClientCertificate } from './client-certificate.ts'
import { createClientSecret } from './client-secret.ts'
import { DocumentFolder, type PrincipalDocuments } from './document-folder.ts'
import type { ManagedIdentity, PrincipalDirectory, ServicePrincipal } from './principal.ts'

/** What is asked for cannot be done: one line that says why, and what to do. */
export interface PrincipalRefusal {
  readonly type: 'refused'
  readonly code: 'NotFound' | 'AlreadyExists' | 'Invalid' | 'LimitExceeded'
  readonly message: string
}

/** A secret that was added: its only showing. */
export interface AddedSecret {
  readonly type: 'added'
  readonly keyId: string
  readonly secretText: string
  /** Unix seconds. */
  readonly endsAt: number
}

/** Service principals and managed identities as documents. Errors of every method: the store's, `ERR_TOKEN_STORE`. */
export interface PrincipalStore extends PrincipalDirectory {
  servicePrincipals(): Promise<readonly ServicePrincipal[]>
  /** Makes one without credentials; ids are made up unless they are given. */
  addServicePrincipal(wanted: {
    readonly displayName: string
    readonly appId?: string
    readonly objectId?: string
  }): Promise<{ readonly type: 'added'; readonly principal: ServicePrincipal } | PrincipalRefusal>
  setEnabled(appId: string, isEnabled: boolean): Promise<PrincipalRefusal | undefined>
  removeServicePrincipal(appId: string): Promise<PrincipalRefusal | undefined>
  addSecret(
    appId: string,
    wanted: { readonly displayName?: string; readonly lifetimeSeconds?: number },
  ): Promise<AddedSecret | PrincipalRefusal>
  /** `certificate`: PEM or DER. */
  addCertificate(
    appId: string,
    certificate: string | Uint8Array,
    displayName?: string,
  ): Promise<
    { readonly type: 'added'; readonly keyId: string; readonly thumbprint: string } | PrincipalRefusal
  >
  /** Removes a secret or certificate. */
  removeCredential(appId: string, keyId: string): Promise<PrincipalRefusal | undefined>
  managedIdentities(): Promise<readonly ManagedIdentity[]>
  /** By ARM id. */
  managedIdentity(resourceId: string): Promise<ManagedIdentity | undefined>
  /** Makes the identity of a resource, or gives the one that it has: ids stay the same. */
  ensureManagedIdentity(resourceId: string, kind: ManagedIdentity['kind']): Promise<ManagedIdentity>
  removeManagedIdentity(resourceId: string): Promise<void>
}

const PRINCIPALS = 'principals'
const IDENTITIES = 'managed-identities'
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** Ours: a change that meets another one so often is no accident. */
const MOST_TRIES = 10

/** Keeps principals in `documents`; `now` is the clock in Unix seconds. */
export function createPrincipalStore(documents: PrincipalDocuments, now: () => number): PrincipalStore {
  return new DocumentPrincipalStore(documents, now)
}

class DocumentPrincipalStore implements PrincipalStore {
  readonly #documents: PrincipalDocuments
  readonly #now: () => number
  readonly #principals: DocumentFolder<ServicePrincipal>
  readonly #identities: DocumentFolder<ManagedIdentity>

  constructor(documents: PrincipalDocuments, now: () => number) {
    this.#documents = documents
    this.#now = now
    this.#principals = new DocumentFolder(documents, PRINCIPALS, principalOf)
    this.#identities = new DocumentFolder(documents, IDENTITIES, identityOf)
  }

  async servicePrincipal(appId: string): Promise<ServicePrincipal | undefined> {
    return (await this.#read(appId))?.principal
  }

  servicePrincipals(): Promise<readonly ServicePrincipal[]> {
    return this.#principals.all()
  }

  async isEnabled(objectId: string): Promise<boolean> {
    const id = objectId.toLowerCase()
    const principal = (await this.servicePrincipals()).find(found => found.objectId === id)
    if (principal) return principal.isEnabled
    return (await this.managedIdentities()).some(({ principalId }) => principalId === id)
  }

  async addServicePrincipal(
    wanted: Parameters<PrincipalStore['addServicePrincipal']>[0],
  ): ReturnType<PrincipalStore['addServicePrincipal']> {
    const { displayName } = wanted
    const appId = (wanted.appId ?? randomUUID()).toLowerCase()
    const objectId = (wanted.objectId ?? randomUUID()).toLowerCase()
    if (!GUID.test(appId) || !GUID.test(objectId))
      return refuse('Invalid', 'appId and objectId must be GUIDs')
    const most = limits.displayNameCharacters
    if (displayName.trim() === '' || displayName.length > most)
      return refuse('Invalid', `displayName must be text of 1 to ${most} characters`)
    if ((await this.servicePrincipals()).some(found => found.objectId === objectId))
      return refuse('AlreadyExists', `there is a principal with the object id ${objectId}; give another one`)
    const principal: ServicePrincipal = {
      appId,
      objectId,
      displayName,
      isEnabled: true,
      secrets: [],
      certificates: [],
    }
    const written = await this.#documents.write(principalKey(appId), principal, 0)
    if (written.type === 'written') return { type: 'added', principal }
    return refuse(
      'AlreadyExists',
      `there is a service principal with the client id ${appId}; remove it first`,
    )
  }

  async setEnabled(appId: string, isEnabled: boolean): Promise<PrincipalRefusal | undefined> {
    const changed = await this.#change(appId, principal => ({ ...principal, isEnabled }))
    return changed?.type === 'refused' ? changed : undefined
  }

  async removeServicePrincipal(appId: string): Promise<PrincipalRefusal | undefined> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const present = await this.#read(appId)
      if (!present) return unknownClient(appId)
      const { type } = await this.#documents.remove(principalKey(appId), present.version)
      if (type === 'written') return undefined
    }
    throw contended(appId)
  }

  async addSecret(
    appId: string,
    wanted: { readonly displayName?: string; readonly lifetimeSeconds?: number },
  ): Promise<AddedSecret | PrincipalRefusal> {
    const { displayName = '', lifetimeSeconds = limits.secretLifetimeSeconds } = wanted
    const isBounded = lifetimeSeconds > 0 && lifetimeSeconds <= limits.secretLifetimeSeconds
    if (!isBounded) return refuse('Invalid', `a secret lasts 1 to ${limits.secretLifetimeSeconds} seconds`)
    if (displayName.length > limits.displayNameCharacters)
      return refuse('Invalid', `displayName has more than ${limits.displayNameCharacters} characters`)
    const { text, stored } = await createClientSecret({ displayName, lifetimeSeconds, now: this.#now() })
    const changed = await this.#change(
      appId,
      principal => isFull(principal.secrets) ?? { ...principal, secrets: [...principal.secrets, stored] },
    )
    if (changed?.type === 'refused') return changed
    return { type: 'added', keyId: stored.keyId, secretText: text, endsAt: stored.endsAt }
  }

  async addCertificate(
    appId: string,
    certificate: string | Uint8Array,
    displayName = '',
  ): ReturnType<PrincipalStore['addCertificate']> {
    const read = readClientCertificate(certificate, displayName)
    if (read.type === 'fault') return refuse('Invalid', `the certificate ${read.problem}`)
    const { stored } = read
    const changed = await this.#change(appId, principal => {
      const { certificates } = principal
      if (certificates.some(({ thumbprintSha256 }) => thumbprintSha256 === stored.thumbprintSha256))
        return refuse('AlreadyExists', `the certificate ${stored.thumbprintSha1} is there already`)
      return isFull(certificates) ?? { ...principal, certificates: [...certificates, stored] }
    })
    if (changed?.type === 'refused') return changed
    return { type: 'added', keyId: stored.keyId, thumbprint: stored.thumbprintSha1 }
  }

  async removeCredential(appId: string, keyId: string): Promise<PrincipalRefusal | undefined> {
    const changed = await this.#change(appId, principal => {
      const secrets = principal.secrets.filter(secret => secret.keyId !== keyId)
      const certificates = principal.certificates.filter(certificate => certificate.keyId !== keyId)
      const isSame =
        secrets.length === principal.secrets.length && certificates.length === principal.certificates.length
      if (isSame)
        return refuse('NotFound', `the client ${principal.appId} has no credential with this key id`)
      return { ...principal, secrets, certificates }
    })
    return changed?.type === 'refused' ? changed : undefined
  }

  managedIdentities(): Promise<readonly ManagedIdentity[]> {
    return this.#identities.all()
  }

  async managedIdentity(resourceId: string): Promise<ManagedIdentity | undefined> {
    const stored = await this.#documents.read(identityKey(resourceId))
    return stored && identityOf(stored)
  }

  async ensureManagedIdentity(resourceId: string, kind: ManagedIdentity['kind']): Promise<ManagedIdentity> {
    const identity: ManagedIdentity = { clientId: randomUUID(), principalId: randomUUID(), resourceId, kind }
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const present = await this.managedIdentity(resourceId)
      if (present) return present
      const { type } = await this.#documents.write(identityKey(resourceId), identity, 0)
      if (type === 'written') return identity
    }
    throw contended(resourceId)
  }

  async removeManagedIdentity(resourceId: string): Promise<void> {
    const key = identityKey(resourceId)
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const stored = await this.#documents.read(key)
      if (!stored) return
      const { type } = await this.#documents.remove(key, stored.version)
      if (type === 'written') return
    }
    throw contended(resourceId)
  }

  async #read(
    appId: string,
  ): Promise<{ readonly principal: ServicePrincipal; readonly version: number } | undefined> {
    // Whoever asks for a token chooses this text, which is to be a part of a key.
    if (!GUID.test(appId.toLowerCase())) return undefined
    const stored = await this.#documents.read(principalKey(appId))
    return stored && { principal: principalOf(stored), version: stored.version }
  }

  /** Changes a principal however often others do so at the same time. */
  async #change(
    appId: string,
    change: (principal: ServicePrincipal) => ServicePrincipal | PrincipalRefusal,
  ): Promise<PrincipalRefusal | undefined> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const present = await this.#read(appId)
      if (!present) return unknownClient(appId)
      const changed = change(present.principal)
      if ('type' in changed) return changed
      const { type } = await this.#documents.write(principalKey(appId), changed, present.version)
      if (type === 'written') return undefined
    }
    throw contended(appId)
  }
}

function principalKey(appId: string): string {
  return `${PRINCIPALS}/${appId.toLowerCase()}`
}

/** An ARM id may hold what a key of the store may not. */
function identityKey(resourceId: string): string {
  return `${IDENTITIES}/${createHash('sha256').update(resourceId.toLowerCase()).digest('hex')}`
}

function principalOf({ key, value }: StoredDocument): ServicePrincipal {
  const { appId, objectId, secrets, certificates } = value as Partial<ServicePrincipal>
  const isGood = typeof appId === 'string' && typeof objectId === 'string'
  if (isGood && Array.isArray(secrets) && Array.isArray(certificates)) return value as ServicePrincipal
  throw damaged(key)
}

function identityOf({ key, value }: StoredDocument): ManagedIdentity {
  const { clientId, principalId, resourceId } = value as Partial<ManagedIdentity>
  if ([clientId, principalId, resourceId].every(text => typeof text === 'string'))
    return value as ManagedIdentity
  throw damaged(key)
}

function damaged(key: string): TokenServiceError {
  return new TokenServiceError(
    'ERR_TOKEN_STORE',
    `the document ${key} is no principal; restore it or remove it`,
  )
}

function isFull(credentials: readonly unknown[]): PrincipalRefusal | undefined {
  if (credentials.length < limits.credentials) return undefined
  return refuse(
    'LimitExceeded',
    `there are ${credentials.length} of them, which is the most; remove one first`,
  )
}

function unknownClient(appId: string): PrincipalRefusal {
  const id = GUID.test(appId.toLowerCase()) ? appId : 'that is no GUID'
  return refuse('NotFound', `there is no service principal with the client id ${id}`)
}

function refuse(code: PrincipalRefusal['code'], message: string): PrincipalRefusal {
  return { type: 'refused', code, message }
}

function contended(id: string): TokenServiceError {
  return new TokenServiceError('ERR_TOKEN_STORE', `the principal ${id} is changed all the time; try again`)
}
