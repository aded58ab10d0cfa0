import { quote } from '@causeway/api-contract'
import type { Report } from './configuration-fault.ts'

/** ARM names the children of a resource by name, in any case: each may be used once. */
export function checkChildNames(
  entries: readonly { readonly name: string }[],
  path: string,
  report: Report,
): void {
  const seen = new Set<string>()
  for (const [i, { name }] of entries.entries()) {
    if (seen.has(name.toLowerCase()))
      report(`${path}[${i}].name`, `${quote(name)} is used twice`, 'rename one')
    seen.add(name.toLowerCase())
  }
}
