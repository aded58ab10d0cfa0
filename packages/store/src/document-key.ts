import { StoreError } from './store-error.ts'

/** Ours: an ARM id of five nested resources with names as long as Azure allows them has some 700 characters. */
const MAXIMUM_CHARACTERS = 2_048
/** Ours. The longest names of Azure have 260. */
const SEGMENT_CHARACTERS = 260

/** What names in ARM ids are made of (letters of any script, digits, `-._()`), and `@+~=,:!$%&'` of other names. */
const SEGMENT = /^[\p{L}\p{M}\p{N}_(@+~=,:!$%&'-][\p{L}\p{M}\p{N}._()@+~=,:!$%&' -]*$/u
/** The first names the kind of document, and is ours. */
const FIRST = /^[a-z0-9]/

/** The key of a document, checked. Errors: `ERR_STORE_NAME`. */
export function checkedKey(key: string): string {
  if (isKey(key)) return key
  throw new StoreError('ERR_STORE_NAME', `${JSON.stringify(key.slice(0, 100))} is no document key`)
}

/** The name of a secret, which follows the rules of keys. Errors: `ERR_STORE_NAME`. */
export function checkedSecretName(name: string): string {
  if (isKey(name)) return name
  throw new StoreError('ERR_STORE_NAME', `${JSON.stringify(name.slice(0, 100))} is no secret's name`)
}

/** The keys below a folder, both ends outside: what starts with `folder/`. `''` is above all. */
export interface KeyRange {
  readonly low: string
  readonly high: string
}

/** Errors: `ERR_STORE_NAME`. */
export function rangeBelow(folder: string): KeyRange {
  if (folder === '') return { low: '', high: '\u{10ffff}' }
  const above = checkedKey(folder)
  // '0' is what follows '/' in order.
  return { low: `${above}/`, high: `${above}0` }
}

/** The folder that a key lies directly in. */
export function folderOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf('/')))
}

function isKey(key: string): boolean {
  if (key.length > MAXIMUM_CHARACTERS || !FIRST.test(key) || key.normalize('NFC') !== key) return false
  return key.split('/').every(segment => segment.length <= SEGMENT_CHARACTERS && SEGMENT.test(segment))
}
