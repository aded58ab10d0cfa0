import type { Answer } from '../envelope/answer.ts'
import { vaultRefusal } from './vault-answer.ts'
import { DECLINED_PATHS, VAULT_ROUTES, type VaultRoute } from './vault-operations.ts'

/** What a request to a vault is about. */
export type VaultTarget =
  | {
      readonly type: 'operation'
      readonly route: VaultRoute
      /** `''` for what is done to all of a kind. */
      readonly name: string
      readonly version: string | undefined
      /** The path without a slash at the end. */
      readonly path: string
    }
  | { readonly type: 'none'; readonly refusal: Answer }

/** Reads method and path. A slash at the end, where an SDK had no version to name, is none. */
export function vaultTargetOf(method: string, path: string): VaultTarget {
  const words = wordsOf(path)
  if (!words) return none(vaultRefusal('BadParameter', 'The path is not encoded as paths are (RFC 3986).'))
  const declined = DECLINED_PATHS.find(
    each => matches(each.words, words) && (each.method ?? method) === method,
  )
  if (declined || OTHER_KINDS.has(words[0]?.toLowerCase() ?? ''))
    return none(
      vaultRefusal(
        'NotSupported',
        `${method} ${shown(words)} is not one of the operations of this vault, which holds certificates and secrets.`,
      ),
    )
  const there = VAULT_ROUTES.filter(each => matches(each.words, words))
  const route = there.find(each => each.method === method)
  if (route) {
    const at = (word: string): string | undefined => words[route.words.indexOf(word)]
    const whole = `/${words.map(encodeURIComponent).join('/')}`
    return { type: 'operation', route, name: at('{name}') ?? '', version: at('{version}'), path: whole }
  }
  if (there.length === 0)
    return none(vaultRefusal('NotFound', `There is nothing at the path ${shown(words)} of a vault.`))
  const methods = [...new Set(there.map(each => each.method))].join(', ')
  return none(
    vaultRefusal('MethodNotAllowed', `${method} is not supported at ${shown(words)}. Use ${methods}.`),
  )
}

/** Kinds of objects that Key Vault has and this vault has not. */
const OTHER_KINDS: ReadonlySet<string> = new Set(['keys', 'deletedkeys', 'storage', 'deletedstorage', 'rng'])

/** Words that mean something after a name, and so are no version. */
const SUFFIXES: ReadonlySet<string> = new Set(['versions', 'pending', 'policy'])

function matches(wanted: readonly string[], words: readonly string[]): boolean {
  return (
    wanted.length === words.length &&
    wanted.every((word, i) => {
      const given = words[i]?.toLowerCase() ?? ''
      if (word === '{version}') return !SUFFIXES.has(given)
      return word.startsWith('{') || word === given
    })
  )
}

function wordsOf(path: string): readonly string[] | undefined {
  try {
    return path.replace(/^\//, '').replace(/\/$/, '').split('/').map(decodeURIComponent)
  } catch {
    // The client encoded something else than UTF-8.
    return undefined
  }
}

function shown(words: readonly string[]): string {
  return `/${words.join('/')}`.slice(0, 200)
}

function none(refusal: Answer): VaultTarget {
  return { type: 'none', refusal }
}
