import { limits } from './limits.ts'
import { refusal, type VaultRefusal } from './vault-refusal.ts'

/** Domains below which Azure has vaults: the public cloud's, China's, the US government's, Germany's (closed). */
export const AZURE_VAULT_DOMAINS = [
  'vault.azure.net',
  'vault.azure.cn',
  'vault.usgovcloudapi.net',
  'vault.microsoftazure.de',
] as const

/** A certificate or secret of a vault. */
export interface VaultObjectId {
  readonly type: 'id'
  readonly kind: 'certificate' | 'secret'
  /** `https://HOST[:PORT]`. */
  readonly vaultUrl: string
  /** Host, in lower case, without the port. */
  readonly host: string
  readonly name: string
  /** `undefined`: the current one. */
  readonly version: string | undefined
  /** As it was given. */
  readonly text: string
}

const PATH = /^\/(certificates|secrets)\/([0-9A-Za-z-]{1,127})(?:\/([0-9A-Fa-f]{32})?)?$/i
/** A vault's own label: nothing may stand between it and the domain. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const FORM = 'give https://VAULT.DOMAIN/certificates/NAME[/VERSION], or /secrets/ in its place'

/**
 * Reads an identifier as key vaults show it, with a version or without. Only vaults below one of `domains` are taken:
 * whoever may write an identifier could else have the machine ask any place.
 */
export function parseVaultObjectId(text: string, domains: readonly string[]): VaultObjectId | VaultRefusal {
  const shown = text.slice(0, 200)
  const bad = (problem: string): VaultRefusal => refusal('not-a-vault-url', `'${shown}' ${problem}: ${FORM}.`)
  if (text.length > limits.idCharacters || !URL.canParse(text)) return bad('is no URL')
  const url = new URL(text)
  if (url.protocol !== 'https:') return bad('is no https URL')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return bad('holds more than a host and a path')
  const host = url.hostname
  if (!domains.some(domain => isBelow(host, domain.toLowerCase())))
    return bad(`is at no vault below ${domains.join(', ')}`)
  const [, collection, name, version] = PATH.exec(url.pathname) ?? []
  if (collection === undefined || name === undefined) return bad('names no certificate or secret')
  return {
    type: 'id',
    kind: collection.toLowerCase() === 'certificates' ? 'certificate' : 'secret',
    vaultUrl: url.origin,
    host,
    name,
    version: version?.toLowerCase(),
    text,
  }
}

function isBelow(host: string, domain: string): boolean {
  return host.endsWith(`.${domain}`) && LABEL.test(host.slice(0, -domain.length - 1))
}
