import { describe, expect, it } from 'vitest'
import { DAY, NOW, scratchVault, URL } from './testing/scratch-vault.suite.ts'

const VERSION = /[0-9a-f]{32}$/
const ATTRIBUTES = {
  enabled: true,
  created: NOW,
  updated: NOW,
  recoveryLevel: 'Recoverable+Purgeable',
  recoverableDays: 90,
}

describe('a secret', () => {
  it('is read back, whatever the case of its name', async () => {
    const { secrets } = await scratchVault()
    const bundle = await secrets.set('Db-Password', {
      value: 'Wombat-7',
      contentType: 'text',
      tags: { a: 'b' },
    })
    expect(bundle).toEqual({
      value: 'Wombat-7',
      id: expect.stringMatching(new RegExp(`^${URL}/secrets/Db-Password/[0-9a-f]{32}$`)),
      contentType: 'text',
      attributes: ATTRIBUTES,
      tags: { a: 'b' },
    })
    expect(await secrets.get('db-password')).toEqual(bundle)
    expect(await secrets.get('DB-PASSWORD', '')).toEqual(bundle)
  })

  it('has a version for each value, the last one current', async () => {
    const { secrets } = await scratchVault()
    const first = await secrets.set('a', { value: 'one' })
    const second = await secrets.set('a', { value: 'two', attributes: { enabled: true, nbf: 1, exp: NOW } })
    const [version] = VERSION.exec(first.id) ?? []
    expect(await secrets.get('a')).toEqual(second)
    expect(await secrets.get('a', version?.toUpperCase())).toMatchObject({ value: 'one' })
    const { value } = await secrets.listVersions('a')
    expect(value.map(({ id }) => id).sort()).toEqual([first.id, second.id].sort())
    expect(second.attributes).toMatchObject({ nbf: 1, exp: NOW })
  })

  it('is in no document and not in the history', async () => {
    const { secrets, store } = await scratchVault()
    await secrets.set('a', { value: 'Wombat-7' })
    await secrets.update('a', undefined, { attributes: { enabled: false } })
    const all = [await store.scan(''), await store.history()]
    expect(JSON.stringify(all)).not.toContain('Wombat')
    expect(await store.history()).toMatchObject([
      {
        who: 'ann',
        action: 'Microsoft.KeyVault/vaults/secrets/update/action',
        target: 'vaults/contoso/objects/a',
      },
      { who: 'ann', action: 'Microsoft.KeyVault/vaults/secrets/setSecret/action' },
    ])
  })

  it('that is disabled is not shown, and can be enabled again', async () => {
    const { secrets, setTime } = await scratchVault()
    await secrets.set('a', { value: 'x', tags: { a: 'b' } })
    setTime(NOW + 5)
    const item = await secrets.update('a', '', { attributes: { enabled: false }, contentType: 'text' })
    expect(item).toMatchObject({
      contentType: 'text',
      tags: { a: 'b' },
      attributes: { updated: NOW + 5, created: NOW },
    })
    expect(item).not.toHaveProperty('value')
    await expect(secrets.get('a')).rejects.toMatchObject({
      code: 'Forbidden',
      innerCode: 'SecretDisabled',
      status: 403,
      message: 'Operation get is not allowed on a disabled secret.',
    })
    await secrets.update('a', undefined, { attributes: { enabled: true } })
    expect(await secrets.get('a')).toMatchObject({ value: 'x' })
  })

  it('gets every value of those who set it at once, as a version', async () => {
    const { secrets } = await scratchVault()
    await Promise.all(Array.from({ length: 15 }, (_, i) => secrets.set('a', { value: `${i}` })))
    expect((await secrets.listVersions('a')).value).toHaveLength(15)
  })

  it.each([
    ['no object', 'body', []],
    ['no value', 'value', {}],
    ['a value that is no string', 'value', { value: 1 }],
    ['a value too long', 'value', { value: 'x'.repeat(25_601) }],
    ['attributes that are none', 'attributes', { value: 'x', attributes: 'enabled' }],
    ['enabled that is no boolean', 'attributes.enabled', { value: 'x', attributes: { enabled: 'yes' } }],
    ['an end before the begin', 'attributes.exp', { value: 'x', attributes: { nbf: 10, exp: 10 } }],
    ['a tag that is no string', 'tags.a', { value: 'x', tags: { a: 1 } }],
  ])('is refused with %s', async (_what, target, body) => {
    const { secrets } = await scratchVault()
    await expect(secrets.set('a', body)).rejects.toMatchObject({ code: 'BadParameter', status: 400, target })
    await expect(secrets.get('a')).rejects.toMatchObject({ code: 'SecretNotFound', status: 404 })
  })

  it('takes only names and versions that there can be', async () => {
    const { secrets } = await scratchVault()
    for (const name of ['', 'a_b', 'a/b', 'a'.repeat(128), 'ä'])
      await expect(secrets.set(name, { value: 'x' })).rejects.toMatchObject({
        code: 'BadParameter',
        target: 'name',
      })
    await secrets.set('a', { value: 'x' })
    await expect(secrets.get('a', 'latest')).rejects.toMatchObject({
      code: 'BadParameter',
      target: 'version',
    })
    await expect(secrets.get('a', '0'.repeat(32))).rejects.toMatchObject({ code: 'SecretNotFound' })
  })
})

describe('a list of secrets', () => {
  it('comes in pages, without values and versions', async () => {
    const { secrets } = await scratchVault()
    for (let i = 10; i < 40; i++) await secrets.set(`S-${i}`, { value: 'x' })
    await secrets.delete('s-12')
    const first = await secrets.list()
    const second = await secrets.list({ next: first.next })
    expect(first.value).toHaveLength(25)
    expect(first.value[0]).toEqual({ id: `${URL}/secrets/S-10`, attributes: ATTRIBUTES })
    expect(second.next).toBeUndefined()
    const ids = [...first.value, ...second.value].map(({ id }) => id)
    expect(ids).toHaveLength(29)
    expect(ids).not.toContain(`${URL}/secrets/S-12`)
    expect((await secrets.list({ maxResults: 3 })).value).toHaveLength(3)
    await expect(secrets.list({ maxResults: 26 })).rejects.toMatchObject({ code: 'BadParameter' })
  })
})

describe('a deleted secret', () => {
  it('is gone, keeps its name, and can be recovered', async () => {
    const { secrets } = await scratchVault()
    const bundle = await secrets.set('Abc', { value: 'x' })
    const part = {
      recoveryId: `${URL}/deletedsecrets/Abc`,
      deletedDate: NOW,
      scheduledPurgeDate: NOW + 90 * DAY,
    }
    expect(await secrets.delete('abc')).toMatchObject({ id: bundle.id, ...part })
    for (const gone of [secrets.get('abc'), secrets.delete('abc'), secrets.update('abc', '', {})])
      await expect(gone).rejects.toMatchObject({ code: 'SecretNotFound' })
    await expect(secrets.set('abc', { value: 'y' })).rejects.toMatchObject({
      code: 'Conflict',
      status: 409,
      innerCode: 'ObjectIsDeletedButRecoverable',
    })
    expect(await secrets.getDeleted('ABC')).toMatchObject(part)
    expect((await secrets.listDeleted()).value).toMatchObject([{ id: `${URL}/secrets/Abc`, ...part }])
    expect(await secrets.recover('abc')).toMatchObject({ id: bundle.id })
    expect(await secrets.get('abc')).toEqual(bundle)
    await expect(secrets.getDeleted('abc')).rejects.toMatchObject({ code: 'SecretNotFound' })
  })

  it('is purged for good, its values and all', async () => {
    const { secrets, store } = await scratchVault()
    for (const value of ['one', 'two']) await secrets.set('a', { value })
    const versions = (await secrets.listVersions('a')).value.map(({ id }) => VERSION.exec(id)?.[0] ?? '')
    await expect(secrets.purge('a')).rejects.toMatchObject({ code: 'SecretNotFound' })
    await secrets.delete('a')
    await secrets.purge('a')
    expect(await store.scan('')).toEqual([])
    for (const version of versions)
      expect(await store.secrets.read(`vaults/contoso/values/a/${version}`)).toBeUndefined()
    await secrets.set('a', { value: 'new' })
    expect((await secrets.listVersions('a')).value).toHaveLength(1)
  })

  it('is not purged before its time under purge protection', async () => {
    const vault = await scratchVault()
    const { secrets } = vault.as({ softDelete: { retentionDays: 7, purgeProtection: true } })
    const { attributes } = await secrets.set('a', { value: 'x' })
    expect(attributes).toMatchObject({ recoveryLevel: 'CustomizedRecoverable', recoverableDays: 7 })
    await secrets.delete('a')
    await expect(secrets.purge('a')).rejects.toMatchObject({ innerCode: 'PurgeProtectionEnabled' })
    vault.setTime(NOW + 7 * DAY)
    await expect(secrets.getDeleted('a')).rejects.toMatchObject({ code: 'SecretNotFound' })
    expect(await vault.store.scan('')).toEqual([])
  })

  it('is purged when its retention ends', async () => {
    const { secrets, store, setTime, purgeExpired } = await scratchVault()
    await secrets.set('a', { value: 'x' })
    await secrets.set('b', { value: 'x' })
    await secrets.delete('a')
    setTime(NOW + 90 * DAY - 1)
    expect(await purgeExpired()).toEqual([])
    setTime(NOW + 90 * DAY)
    expect(await purgeExpired()).toEqual(['a'])
    expect((await store.scan('')).map(({ key }) => key.split('/')[3])).toEqual(['b', 'b'])
  })
})

it('an error is sent as Key Vault sends it', async () => {
  const { secrets } = await scratchVault()
  const error = await secrets.set('a', { value: 1 }).catch((one: unknown) => one)
  expect((error as { body(): unknown }).body()).toEqual({
    error: { code: 'BadParameter', message: 'value: must be a string', target: 'value' },
  })
})
