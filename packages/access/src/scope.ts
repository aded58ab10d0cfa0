/** Where something may be done: an ARM scope that was read. */
export interface Scope {
  readonly type: 'scope'
  readonly kind: ScopeKind
  /** Lower case, without a slash at the end; `/` for the root. Equal scopes have equal texts. */
  readonly text: string
}

export type ScopeKind = 'root' | 'subscription' | 'resourceGroup' | 'resource'

/** Text that is no scope, with what is wrong. */
export interface ScopeFault {
  readonly type: 'fault'
  readonly problem: string
}

/** Ours: ARM's own ids are shorter. */
const LONGEST_SCOPE = 2_048
const ROOT = '/'
const CONTROL = /[\p{Cc}\p{Cs}\\?#%*]/u

/**
 * Reads a scope at which a role may be assigned: `/`, a subscription, a resource group, or a resource at any depth
 * (`…/providers/NAMESPACE/TYPE/NAME[/TYPE/NAME…]`). Percent signs are refused: ids come decoded.
 */
export function readScope(text: string): Scope | ScopeFault {
  const normal = normalizeScope(text)
  if (normal === undefined) return fault('is not a path of names that begins with a slash')
  if (normal === ROOT) return { type: 'scope', kind: 'root', text: normal }
  const kind = kindOf(normal.slice(1).split('/'))
  return kind
    ? { type: 'scope', kind, text: normal }
    : fault('is no subscription, resource group or resource')
}

/**
 * The text by which scopes are compared, `undefined` for what is no path. More lenient than {@link readScope}: an
 * operation may be on a collection, which nobody can have a role at.
 */
export function normalizeScope(text: string): string | undefined {
  if (text === ROOT) return ROOT
  if (!text.startsWith('/') || text.length > LONGEST_SCOPE || CONTROL.test(text)) return undefined
  const path = text.endsWith('/') ? text.slice(0, -1) : text
  const isPath = path
    .slice(1)
    .split('/')
    .every(segment => segment !== '' && segment !== '.' && segment !== '..')
  return isPath ? path.toLowerCase() : undefined
}

/** Whether what is granted at `outer` holds at `inner`: the same, or above it by whole segments. */
export function coversScope(outer: string, inner: string): boolean {
  const [above, below] = [normalizeScope(outer), normalizeScope(inner)]
  if (above === undefined || below === undefined) return false
  return above === ROOT || below === above || below.startsWith(`${above}/`)
}

/** A normalized scope and every one above it, innermost first, the root last. */
export function* scopesUpwards(normal: string): Iterable<string> {
  for (let end = normal.length; end > 1; end = normal.lastIndexOf('/', end - 1)) yield normal.slice(0, end)
  yield ROOT
}

/** What the names of a path, in lower case, make. */
function kindOf(names: readonly string[]): ScopeKind | undefined {
  if (names[0] === 'providers') return isProviderPath(names) ? 'resource' : undefined
  if (names[0] !== 'subscriptions' || names.length < 2) return undefined
  if (names.length === 2) return 'subscription'
  if (names[2] === 'providers') return isProviderPath(names.slice(2)) ? 'resource' : undefined
  if (names[2] !== 'resourcegroups' || names.length < 4) return undefined
  if (names.length === 4) return 'resourceGroup'
  return isProviderPath(names.slice(4)) ? 'resource' : undefined
}

/** `providers/NAMESPACE` and pairs of type and name; an extension resource begins with `providers` again. */
function isProviderPath(names: readonly string[]): boolean {
  if (names[0] !== 'providers' || names.length < 4) return false
  for (let at = 2; at < names.length; at += 2) {
    if (names[at] === 'providers') return isProviderPath(names.slice(at))
    if (at + 1 >= names.length) return false
  }
  return true
}

function fault(problem: string): ScopeFault {
  return { type: 'fault', problem }
}
