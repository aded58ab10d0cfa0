import { describe, expect, it } from 'vitest'
import { createVaultHosts } from './vault-hosts.ts'

const hosts = createVaultHosts('Vault.Example', ['https://gateway.example:8443', 'https://gateway.example'])

describe('hosts of vaults', () => {
  it.each([
    ['contoso.vault.example', 'contoso'],
    ['CONTOSO.VAULT.EXAMPLE:8443', 'contoso'],
    ['a.b.vault.example', 'a.b'],
    ['vault.example', undefined],
    ['.vault.example', undefined],
    ['contoso.vault.example.org', undefined],
    ['evilvault.example', undefined],
    ['contoso.vault.example:port', undefined],
    [undefined, undefined],
  ])('%s is of %s', (host, name) => {
    expect(hosts.nameOf(host)).toBe(name)
  })

  it.each([
    [undefined, 'https://contoso.vault.example:8443'],
    ['contoso.vault.example', 'https://contoso.vault.example'],
    ['contoso.vault.example:443', 'https://contoso.vault.example'],
    ['contoso.vault.example:9', 'https://contoso.vault.example:8443'],
  ])('by %s the URL is %s', (host, url) => {
    expect(hosts.urlOf('Contoso', host)).toBe(url)
    expect(`https://contoso.${hosts.domainOf(host)}`).toBe(url)
  })
})
