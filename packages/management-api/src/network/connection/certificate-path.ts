import type { DocumentFault } from '@causeway/api-contract'
import { parseVaultObjectId } from '@causeway/vault-client'
import { propertiesOf } from '../../resources/document.ts'
import type { ServedResource } from '../../resources/resource-server.ts'
import { valueAt } from '../../resources/schema-paths.ts'

const OUTBOUND = 'properties.certificateAuthentication.outboundAuthCertificate'

/** The path of the outbound certificate is an identifier of a vault that the gateway may ask, ours or Azure's. */
export function outboundFaults(
  domains: readonly string[],
  { body }: Pick<ServedResource, 'body'>,
): readonly DocumentFault[] {
  const { authenticationType } = propertiesOf(body)
  const id = valueAt(body, OUTBOUND)
  if (authenticationType !== 'Certificate' || typeof id !== 'string' || id === '') return []
  const read = parseVaultObjectId(id, domains)
  if (read.type === 'id') return []
  const [problem = '', remedy = ''] = splitAtLast(read.message, ': ')
  return [{ path: OUTBOUND, problem, remedy: remedy.replace(/\.$/, '') }]
}

/** A refusal is one sentence: what is wrong, and what to do. */
function splitAtLast(text: string, mark: string): readonly [string, string] {
  const at = text.lastIndexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)]
}
