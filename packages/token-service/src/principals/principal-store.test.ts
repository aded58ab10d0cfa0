import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { limits } from '../limits.ts'
import { clientCertificate, GATEWAY, NOW } from '../token-service.suite.ts'
import { MemoryDocuments } from './memory-documents.suite.ts'
import { createPrincipalStore } from './principal-store.ts'

const APP = 'AAAAAAAA-0000-4000-8000-00000000000A'
const UNKNOWN = 'aaaaaaaa-0000-4000-8000-000000000009'

async function storeWithOne() {
  const documents = new MemoryDocuments()
  const store = createPrincipalStore(documents, () => NOW)
  const added = await store.addServicePrincipal({ displayName: 'deployer', appId: APP })
  if (added.type === 'refused') throw new Error(added.message)
  return { documents, store, objectId: added.principal.objectId }
}

describe('service principals', () => {
  it('are found by client id, whatever its case, and known by object id', async () => {
    const { store, objectId } = await storeWithOne()
    expect(await store.servicePrincipal(APP)).toMatchObject({
      appId: APP.toLowerCase(),
      displayName: 'deployer',
    })
    expect(await store.servicePrincipal(APP.toLowerCase())).toMatchObject({ objectId })
    expect(await store.servicePrincipal(UNKNOWN)).toBeUndefined()
    expect(await store.servicePrincipal('../secrets')).toBeUndefined()
    expect(await store.isEnabled(objectId.toUpperCase())).toBe(true)
    expect(await store.isEnabled(UNKNOWN)).toBe(false)
  })

  it('have ids and names of their own', async () => {
    const { store, objectId } = await storeWithOne()
    for (const [wanted, code] of [
      [{ displayName: 'x', appId: APP }, 'AlreadyExists'],
      [{ displayName: 'x', objectId }, 'AlreadyExists'],
      [{ displayName: 'x', appId: 'x' }, 'Invalid'],
      [{ displayName: ' ' }, 'Invalid'],
      [{ displayName: 'x'.repeat(257) }, 'Invalid'],
    ] as const)
      expect(await store.addServicePrincipal(wanted)).toMatchObject({ type: 'refused', code })
    expect(await store.servicePrincipals()).toHaveLength(1)
  })

  it('are listed from memory until one changes', async () => {
    const { store, documents, objectId } = await storeWithOne()
    await store.isEnabled(objectId)
    const { listed } = documents
    for (let i = 0; i < 10; i++) await store.isEnabled(objectId)
    expect(documents.listed).toBe(listed)
    await store.setEnabled(APP, false)
    expect(await store.isEnabled(objectId)).toBe(false)
    await store.removeServicePrincipal(APP)
    expect(await store.servicePrincipals()).toEqual([])
  })

  it('are changed by several at a time, and nothing is lost', async () => {
    const { store } = await storeWithOne()
    const made = await Promise.all(['a', 'b', 'c'].map(displayName => store.addSecret(APP, { displayName })))
    expect(made.every(({ type }) => type === 'added')).toBe(true)
    expect((await store.servicePrincipal(APP))?.secrets.map(secret => secret.displayName).sort()).toEqual([
      'a',
      'b',
      'c',
    ])
  })

  it('that somebody else changes all the time are a defect, not a loop', async () => {
    const { store, documents } = await storeWithOne()
    documents.onWrite = key => {
      const present = documents.documents.get(key)
      if (present) documents.documents.set(key, { ...present, version: present.version + 1 })
    }
    await expect(store.setEnabled(APP, false)).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
  })

  it('that are damaged say which document it is', async () => {
    const { store, documents } = await storeWithOne()
    documents.documents.set('principals/x', { key: 'principals/x', version: 1, value: { secrets: 'none' } })
    await store.setEnabled(APP, true)
    await expect(store.servicePrincipals()).rejects.toThrow('principals/x')
  })
})

describe('credentials', () => {
  it('are bounded in number and time', async () => {
    const { store } = await storeWithOne()
    for (const lifetimeSeconds of [0, -1, limits.secretLifetimeSeconds + 1])
      expect(await store.addSecret(APP, { lifetimeSeconds })).toMatchObject({ code: 'Invalid' })
    for (let i = 0; i < limits.credentials; i++) await store.addSecret(APP, {})
    expect(await store.addSecret(APP, {})).toMatchObject({ code: 'LimitExceeded' })
    expect(await store.addSecret(UNKNOWN, {})).toMatchObject({ code: 'NotFound' })
    expect(await store.addSecret(APP, { displayName: 'x'.repeat(257) })).toMatchObject({ code: 'Invalid' })
  })

  it('by certificate are known by their thumbprint, once each', async () => {
    const { store } = await storeWithOne()
    const { certificate } = await clientCertificate()
    const thumbprint = createHash('sha1').update(certificate).digest('hex').toUpperCase()
    const added = await store.addCertificate(APP, certificate, 'laptop')
    expect(added).toMatchObject({ type: 'added', thumbprint })
    expect(await store.addCertificate(APP, certificate)).toMatchObject({ code: 'AlreadyExists' })
    expect(await store.addCertificate(APP, 'no certificate')).toMatchObject({ code: 'Invalid' })
    const curve = await clientCertificate(undefined, 'ecdsa-p256')
    expect(await store.addCertificate(APP, curve.certificate)).toMatchObject({ code: 'Invalid' })
    if (added.type === 'refused') throw new Error(added.message)
    expect(await store.removeCredential(APP, added.keyId)).toBeUndefined()
    expect(await store.removeCredential(APP, added.keyId)).toMatchObject({ code: 'NotFound' })
    expect((await store.servicePrincipal(APP))?.certificates).toEqual([])
  })
})

describe('managed identities', () => {
  it('are made once for a resource, whatever the case of its id', async () => {
    const { store } = await storeWithOne()
    const made = await Promise.all([
      store.ensureManagedIdentity(GATEWAY, 'userAssigned'),
      store.ensureManagedIdentity(GATEWAY.toUpperCase(), 'userAssigned'),
    ])
    expect(made[0].principalId).toBe(made[1].principalId)
    expect(await store.managedIdentities()).toHaveLength(1)
    expect(await store.managedIdentity(GATEWAY.toLowerCase())).toEqual(made[0])
    expect(await store.isEnabled(made[0].principalId)).toBe(true)
    await store.removeManagedIdentity(GATEWAY)
    await store.removeManagedIdentity(GATEWAY)
    expect(await store.isEnabled(made[0].principalId)).toBe(false)
  })
})
