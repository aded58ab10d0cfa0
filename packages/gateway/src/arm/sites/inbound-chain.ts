import { readInboundTrust } from '@causeway/x509'
import type { ConfigurationFault } from '../configuration-fault.ts'
import type { ConnectionResource } from '../connection-resource.ts'
import { faultOf } from './read-sites.ts'

const AUTHENTICATION = 'properties.certificateAuthentication'
const REMEDY = 'correct inboundAuthCertificateChain'

/**
 * What is wrong with the certificates by which a connection would judge its peer, as of now. Those in force are not
 * judged again: a root that has expired since takes nothing else of the connection with it.
 */
export function judgeInboundChain(
  next: ConnectionResource,
  inForce: ConnectionResource | undefined,
  unixSeconds: number,
): readonly ConfigurationFault[] {
  const { subjectName, chain } = inboundOf(next)
  // What is missing is reported by the SKU's rules.
  if (subjectName === '' || chain.length === 0 || !hasCertificates(next)) return []
  if (inForce && hasCertificates(inForce) && sameInbound(next, inForce)) return []
  const read = readInboundTrust({ subjectName, chain, unixSeconds })
  if (read.type === 'trust') return []
  const index = read.index === undefined ? '' : `[${read.index}]`
  const path =
    read.code === 'empty-subject'
      ? `${AUTHENTICATION}.inboundAuthCertificateSubjectName`
      : `${AUTHENTICATION}.inboundAuthCertificateChain${index}`
  const { problem, remedy } = inParts(read.message)
  return [faultOf(next, path, problem, remedy)]
}

/** Refusals say after a colon what to do. */
function inParts(message: string): { readonly problem: string; readonly remedy: string } {
  const end = message.lastIndexOf(': ')
  if (end < 0) return { problem: message, remedy: REMEDY }
  return { problem: message.slice(0, end), remedy: message.slice(end + 2) }
}

function hasCertificates({ connection }: ConnectionResource): boolean {
  return connection.properties.authenticationType?.toLowerCase() === 'certificate'
}

function inboundOf({ connection }: ConnectionResource): {
  readonly subjectName: string
  readonly chain: readonly string[]
} {
  const { certificateAuthentication: given = {} } = connection.properties
  return {
    subjectName: given.inboundAuthCertificateSubjectName?.trim() ?? '',
    chain: given.inboundAuthCertificateChain ?? [],
  }
}

function sameInbound(one: ConnectionResource, other: ConnectionResource): boolean {
  return JSON.stringify(inboundOf(one)) === JSON.stringify(inboundOf(other))
}
