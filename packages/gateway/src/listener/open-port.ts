import type { PortId } from '@causeway/datapath'
import type { Listener } from '../configuration.ts'

/** An open port of the datapath and what it was opened as. */
export interface OpenPort extends Listener {
  readonly port: PortId
}
