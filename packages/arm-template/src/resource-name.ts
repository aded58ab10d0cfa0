import { formatResourceId, parseResourceId } from '@causeway/api-contract'
import { shown, TemplateFault } from './fault.ts'

/** Who is to be told what is wrong with a type and its names. */
interface Teller {
  fault(problem: string, remedy: string): TemplateFault
}

/**
 * The id of a resource.
 *
 * @param scope an id; `''`: the tenant.
 * @param type as `Microsoft.Network/virtualNetworks/subnets`.
 * @param names as many as the type has words after its namespace.
 */
export function idUnder(teller: Teller, scope: string, type: string, names: readonly string[]): string {
  const [namespace = '', ...types] = type.split('/')
  if (types.length === 0 || types.length !== names.length)
    throw teller.fault(
      `with the type ${shown(type)} and ${names.length} names`,
      'give one name for each word of the type after its namespace',
    )
  const isGroup = type.toLowerCase() === 'microsoft.resources/resourcegroups'
  const pairs = types.flatMap((word, i) => [word, names[i] ?? ''])
  const text = isGroup
    ? `${scope}/resourceGroups/${names[0] ?? ''}`
    : `${scope}/providers/${[namespace, ...pairs].join('/')}`
  const read = parseResourceId(text)
  if (read.type === 'good') return formatResourceId(read.id)
  throw teller.fault(`with what makes no id: ${shown(text)}`, 'give names that resources can have')
}

/** Tells of a resource of the template. */
export const resourceTeller: Teller = {
  fault: (problem, remedy) => new TemplateFault(`is a resource ${problem}`, remedy),
}
