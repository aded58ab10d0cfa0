import { randomBytes } from 'node:crypto'
import { VaultError } from './vault-error.ts'

const NAME = /^[0-9A-Za-z-]{1,127}$/
const VERSION = /^[0-9a-f]{32}$/i

/** The name of a certificate or secret, checked; names compare without case. Errors: `BadParameter`. */
export function checkedName(name: string): string {
  if (NAME.test(name)) return name
  const problem = `The request URI contains an invalid name: ${JSON.stringify(name.slice(0, 130))}`
  throw new VaultError('BadParameter', `${problem}; 1 to 127 letters, digits and hyphens are allowed`, {
    target: 'name',
  })
}

/** `undefined` for none: the current one. Errors: `BadParameter`. */
export function checkedVersion(version: string | undefined): string | undefined {
  if (version === undefined || version === '') return undefined
  if (VERSION.test(version)) return version.toLowerCase()
  const problem = `The request URI contains an invalid version: ${JSON.stringify(version.slice(0, 40))}`
  throw new VaultError('BadParameter', `${problem}; 32 hexadecimal digits are expected`, {
    target: 'version',
  })
}

/** A version's id, which nobody can guess. */
export function newVersion(): string {
  return randomBytes(16).toString('hex')
}
