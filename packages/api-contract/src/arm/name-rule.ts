import { type DocumentFault, quote } from '../document-fault.ts'

/** What names a resource type allows (Azure's "Naming rules and restrictions for Azure resources"). */
export interface NameRule {
  readonly minimum: number
  readonly maximum: number
  readonly pattern: RegExp
  /** The pattern in words, as it ends `it may hold …`. */
  readonly words: string
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Rules by what they are for. */
export const NAME_RULES = {
  network: {
    minimum: 1,
    maximum: 80,
    pattern: /^[A-Za-z0-9](?:[\w.-]*\w)?$/,
    words: 'letters, digits, _, - and ., begins with a letter or digit and ends with one or with _',
  },
  virtualNetwork: {
    minimum: 2,
    maximum: 64,
    pattern: /^[A-Za-z0-9](?:[\w.-]*\w)?$/,
    words: 'letters, digits, _, - and ., begins with a letter or digit and ends with one or with _',
  },
  resourceGroup: {
    minimum: 1,
    maximum: 90,
    pattern: /^[\p{L}\p{Nd}_().-]*[\p{L}\p{Nd}_()-]$/u,
    words: 'letters, digits, _, -, ., ( and ), and does not end with .',
  },
  deployment: {
    minimum: 1,
    maximum: 64,
    pattern: /^[A-Za-z0-9_().-]+$/,
    words: 'letters, digits, _, -, ., ( and )',
  },
  identity: {
    minimum: 3,
    maximum: 128,
    pattern: /^[A-Za-z0-9][A-Za-z0-9_-]*$/,
    words: 'letters, digits, _ and -, and begins with a letter or digit',
  },
  vault: {
    minimum: 3,
    maximum: 24,
    pattern: /^[A-Za-z](?:[A-Za-z0-9]|-(?!-))*[A-Za-z0-9]$/,
    words: 'letters, digits and single -, begins with a letter and ends with a letter or digit',
  },
  guid: { minimum: 36, maximum: 36, pattern: GUID, words: 'a GUID, as 3f2504e0-4f89-41d3-9a0c-0305e82c3301' },
  location: {
    minimum: 1,
    maximum: 64,
    pattern: /^[A-Za-z0-9][A-Za-z0-9 _().-]*$/,
    words: 'letters, digits, spaces and - _ . ( )',
  },
  /** Namespaces of providers, and what else has names of its own making. */
  namespace: {
    minimum: 1,
    maximum: 128,
    pattern: /^[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)*$/,
    words: 'words of letters and digits with . between them, as Microsoft.Network',
  },
} as const satisfies Record<string, NameRule>

/** What is wrong with a name; `undefined`: nothing. `path`: where it stands. */
export function nameFault(rule: NameRule, name: string, path = 'name'): DocumentFault | undefined {
  const { minimum, maximum, pattern, words } = rule
  if (name.length >= minimum && name.length <= maximum && pattern.test(name)) return undefined
  const length = minimum === maximum ? `${minimum}` : `${minimum} to ${maximum}`
  return {
    path,
    problem: `${quote(name)} is not a name of this type`,
    remedy: `give ${length} characters; it may hold ${words}`,
  }
}

/** ARM's name of a place: `West Europe` and `westeurope` are the same. */
export function normalLocation(location: string): string {
  return location.replaceAll(' ', '').toLowerCase()
}
