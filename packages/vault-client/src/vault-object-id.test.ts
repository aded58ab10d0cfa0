import { describe, expect, it } from 'vitest'
import { AZURE_VAULT_DOMAINS, parseVaultObjectId } from './vault-object-id.ts'

const VERSION = '0123456789abcdef0123456789ABCDEF'
const parse = (text: string, domains: readonly string[] = AZURE_VAULT_DOMAINS) =>
  parseVaultObjectId(text, domains)

describe('the identifier of a certificate in a vault', () => {
  it.each([
    [`https://kv.vault.azure.net/certificates/gw/${VERSION}`, 'certificate', 'gw', VERSION.toLowerCase()],
    ['https://kv.vault.azure.net/certificates/gw', 'certificate', 'gw', undefined],
    ['https://kv.vault.azure.net/certificates/gw/', 'certificate', 'gw', undefined],
    [`https://KV.vault.azure.cn/Secrets/gw-1/${VERSION}`, 'secret', 'gw-1', VERSION.toLowerCase()],
    ['https://kv.vault.usgovcloudapi.net:443/secrets/gw', 'secret', 'gw', undefined],
  ])('%s is taken', (text, kind, name, version) => {
    expect(parse(text)).toMatchObject({ type: 'id', kind, name, version, text })
  })

  it('keeps the port of a vault of ours', () => {
    const id = parse('https://Contoso.Vault.Example:8443/certificates/gw', ['Vault.Example'])
    expect(id).toMatchObject({
      vaultUrl: 'https://contoso.vault.example:8443',
      host: 'contoso.vault.example',
    })
  })

  it.each([
    'gw',
    'http://kv.vault.azure.net/certificates/gw',
    'https://kv.vault.azure.net/keys/gw',
    'https://kv.vault.azure.net/certificates',
    'https://kv.vault.azure.net/certificates/a_b',
    'https://kv.vault.azure.net/certificates/gw/1234',
    `https://kv.vault.azure.net/certificates/gw/${VERSION}/more`,
    'https://kv.vault.azure.net/certificates/%2e%2e',
    'https://kv.vault.azure.net/certificates/gw?x=1',
    'https://kv.vault.azure.net/certificates/gw#x',
    'https://user:secret@kv.vault.azure.net/certificates/gw',
    'https://vault.azure.net/certificates/gw',
    'https://a.kv.vault.azure.net/certificates/gw',
    'https://kv.vault.azure.net.evil.example/certificates/gw',
    'https://evilvault.azure.net/certificates/gw',
    'https://127.0.0.1/certificates/gw',
    'https://169.254.169.254/certificates/gw',
    `https://kv.vault.azure.net/certificates/${'a'.repeat(2_100)}`,
  ])('%s is refused with what to give', text => {
    const told = parse(text)
    expect(told).toMatchObject({ type: 'refused', reason: 'not-a-vault-url' })
    expect(told.type === 'refused' && told.message).toContain('give https://VAULT.DOMAIN/certificates/NAME')
  })
})
