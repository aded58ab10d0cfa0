import type { Instant } from '@causeway/engine'
import { Reader } from '@causeway/wire'
import type { ChildId } from '../ids.ts'
import type { ChildSaKeys } from '../output.ts'
import { flowWay } from '../sa/flow-way.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import type { ChildSa } from './children.ts'

/** Our own rekeying comes up to this share earlier, so that sessions of one hour do not all rekey at once. */
const JITTER = 0.1
/** Hard limits are so much above the soft ones. */
const HARD_FACTOR = 1.1
/** Without ESN the last of 2³² sequence numbers ends the SA: rekeyed with a quarter of them left. */
const PLAIN_SEQUENCE_SOFT = 3 * 2 ** 30

/**
 * A Child SA of its own: opens its flow, installs it and sends with it. RFC 7296 §2.8: the responder may send as
 * soon as it responds, since the initiator was ready to receive before it asked; so both select at once. `tag`: of the
 * command that it comes of.
 */
export function installFirst(sa: IkeSa, keys: ChildSaKeys, now: Instant, tag?: number): ChildSa {
  const { surroundings, session } = sa
  const id = surroundings.newChildId()
  surroundings.emit({ type: 'open-flow', session, child: id, path: flowWay(sa) })
  const child = installSa(sa, id, keys, now)
  selectSa(sa, child)
  const { suite, local, remote } = child
  surroundings.emit({
    type: 'event',
    session,
    event: {
      type: 'child-established',
      child: id,
      suite,
      local,
      remote,
      ...(tag !== undefined && { tag }),
    },
  })
  return child
}

/** Receives with a pair of SAs from now on, in the open flow `id`: a successor is installed before it is selected. */
export function installSa(sa: IkeSa, id: ChildId, keys: ChildSaKeys, now: Instant): ChildSa {
  const { session, surroundings, terms } = sa
  const { receiveSpi, sendSpi, suite, local, remote } = keys
  surroundings.emit({ type: 'install-sa', session, child: id, sa: keys })
  const jitter = 1 - JITTER * randomShare(surroundings.crypto.random(4))
  const child: ChildSa = {
    id,
    receiveSpi,
    sendSpi,
    suite,
    local,
    remote,
    state: 'installed',
    sending: false,
    refusals: 0,
    rekeyAt: after(now, terms.childRekeySeconds * jitter),
    expireAt: after(now, terms.childLifetimeSeconds),
  }
  sa.children.add(child)
  surroundings.reschedule(sa)
  return child
}

/** Sends with it from now on. */
export function selectSa(sa: IkeSa, child: ChildSa): void {
  if (child.sending) return
  const { id, receiveSpi } = child
  for (const other of sa.children.ofChild(id)) other.sending = false
  child.sending = true
  sa.surroundings.emit({ type: 'select-sa', session: sa.session, child: id, receiveSpi })
}

/** The limits of an SA by the terms; for what `install-sa` says. */
export function childLimits(
  { terms }: IkeSa,
  extendedSequence: boolean,
): Pick<ChildSaKeys, 'softPackets' | 'softBytes' | 'hardPackets' | 'hardBytes' | 'replayWindow'> {
  const wanted = terms.childRekeyPackets
  const packets = extendedSequence ? wanted : Math.min(wanted || PLAIN_SEQUENCE_SOFT, PLAIN_SEQUENCE_SOFT)
  return {
    softPackets: packets,
    hardPackets: Math.ceil(packets * HARD_FACTOR),
    softBytes: terms.childRekeyBytes,
    hardBytes: Math.ceil(terms.childRekeyBytes * HARD_FACTOR),
    replayWindow: terms.replayWindow,
  }
}

function after(now: Instant, seconds: number): Instant | undefined {
  return seconds > 0 ? now + Math.round(seconds * 1000) : undefined
}

/** 0 up to, not including, 1. */
function randomShare(bytes: Uint8Array): number {
  return new Reader(bytes).u32('random') / 2 ** 32
}
