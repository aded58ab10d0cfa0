import { describe, expect, it } from 'vitest'
import { vaultTargetOf } from './vault-target.ts'

describe('the path of a request to a vault', () => {
  it.each([
    ['GET', '/secrets', 'listSecrets', '', undefined],
    ['GET', '/secrets/', 'listSecrets', '', undefined],
    ['GET', '/Secrets/One/versions', 'listSecretVersions', 'One', undefined],
    ['GET', '/secrets/one', 'readSecret', 'one', undefined],
    ['GET', '/secrets/one/', 'readSecret', 'one', undefined],
    ['GET', '/secrets/one/0a', 'readSecret', 'one', '0a'],
    ['GET', '/secrets/o%6Ee/0a', 'readSecret', 'one', '0a'],
    ['PATCH', '/certificates/one/policy', 'updateCertificatePolicy', 'one', undefined],
    ['DELETE', '/certificates/one/pending', 'deleteCertificateOperation', 'one', undefined],
    ['DELETE', '/certificates/one', 'deleteCertificate', 'one', undefined],
    ['DELETE', '/deletedcertificates/one', 'purgeDeletedCertificate', 'one', undefined],
  ])('%s %s is %s', (method, path, operation, name, version) => {
    expect(vaultTargetOf(method, path)).toMatchObject({
      type: 'operation',
      route: { operation },
      name,
      version,
    })
  })

  it.each([
    ['GET', '/secrets/%FF', 400],
    ['GET', '/secrets//one/two', 404],
    ['GET', '/', 404],
    ['DELETE', '/secrets/one/0a', 405],
    ['POST', '/keys/one/sign', 501],
    ['GET', '/keys', 501],
    ['PATCH', '/certificates/one/pending', 501],
  ])('%s %s is refused with %i', (method, path, status) => {
    expect(vaultTargetOf(method, path)).toMatchObject({ type: 'none', refusal: { status } })
  })
})
