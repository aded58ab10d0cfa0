import { type DocumentFault, formatDocumentFault } from '@causeway/api-contract'

/** Which of its documents a fault is in; `network`: the virtual network that the gateway is in. */
export type DocumentName = 'gateway' | 'settings' | 'network' | 'connection'

/** Something in a gateway's documents that it cannot run with. */
export interface ConfigurationFault extends DocumentFault {
  readonly document: DocumentName
  /** Which of the connections, by its name, where the document is one. */
  readonly connection?: string
}

/** Takes a fault down and goes on, so that one reading names everything that is wrong. */
export type Report = (path: string, problem: string, remedy: string) => void

/** One line: which document, which property, what is wrong, what to do. */
export function formatConfigurationFault(fault: ConfigurationFault): string {
  const { document, connection } = fault
  return `${connection === undefined ? document : `${document} ${connection}`}: ${formatDocumentFault(fault)}`
}
