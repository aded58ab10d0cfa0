import type { FlowWay } from '../output.ts'
import type { IkeSa } from './ike-sa.ts'

/**
 * How the ESP of an IKE SA travels: in UDP where a NAT was found (a peer that wants encapsulation without one
 * pretends it, RFC 7296 §2.23) or the terms force it. For `open-flow` and `move-flow`.
 */
export function flowWay({ path, nat, terms }: Pick<IkeSa, 'path' | 'nat' | 'terms'>): FlowWay {
  return { path, encapsulated: path.encapsulated && (nat.local || nat.remote || terms.forceEncapsulation) }
}
