import type { ChildSaKeys, Ikev2Output, SessionId } from '@causeway/ikev2'
import { formatTrafficSelector, type TrafficSelector } from '@causeway/wire'
import type { FakeGateway } from '../../packages/ikev2/src/testing/fake-gateway.ts'

/** Holds one end to what outputs promise, beyond what its datapath refuses: nothing after a session's end. */
export class OutputContract {
  readonly #closed = new Set<SessionId>()

  /** Errors: `Error` when something comes of a session that is over. */
  check(output: Ikev2Output): void {
    if (output.type === 'send' || output.type === 'keepalive') return
    if (output.session === undefined) return
    const isEvent = output.type === 'event'
    if (isEvent && output.event.type === 'dropped') return
    if (this.#closed.has(output.session))
      throw new Error(
        `${isEvent ? output.event.type : output.type} of session ${output.session}, which is over`,
      )
    if (isEvent && (output.event.type === 'closed' || output.event.type === 'refused'))
      this.#closed.add(output.session)
  }
}

/** The SAs of one end. */
export function sasOf({ flows }: FakeGateway): ChildSaKeys[] {
  return [...flows.values()].flatMap(({ sas }) => [...sas.values()])
}

/** The SAs that one end sends by. */
export function selectedOf({ flows }: FakeGateway): ChildSaKeys[] {
  return [...flows.values()].flatMap(({ selected, sas }) => {
    const sa = selected === undefined ? undefined : sas.get(selected)
    return sa ? [sa] : []
  })
}

/** What is sent by `sa` is received there. Errors: `Error` when both have it, but not the same. */
export function isReceived(sa: ChildSaKeys, there: readonly ChildSaKeys[]): boolean {
  const other = there.find(({ receiveSpi }) => receiveSpi === sa.sendSpi)
  if (!other || other.sendSpi !== sa.receiveSpi) return false
  if (!ALIKE.has(sa) || !ALIKE.has(other)) requireMirrored(sa, other)
  return true
}

/** SAs that were found to be the same at both ends: neither changes. */
const ALIKE = new WeakSet<ChildSaKeys>()

function requireMirrored(sa: ChildSaKeys, other: ChildSaKeys): void {
  const [mine, theirs] = [describe(sa), describe(mirrored(other))]
  if (mine !== theirs) throw new Error(`both ends have SA ${sa.sendSpi}, but ${mine} is not ${theirs}`)
  ALIKE.add(sa)
  ALIKE.add(other)
}

function mirrored(sa: ChildSaKeys): ChildSaKeys {
  return { ...sa, receive: sa.send, send: sa.receive, local: sa.remote, remote: sa.local }
}

function describe({ suite, receive, send, local, remote }: ChildSaKeys): string {
  const keys = [receive.encryption, receive.integrity, send.encryption, send.integrity]
  const hex = keys.map(key => Buffer.from(key).toString('hex'))
  const text = (list: readonly TrafficSelector[]) => list.map(formatTrafficSelector).sort().join(' ')
  return JSON.stringify([
    suite.encryption,
    suite.integrity,
    suite.group,
    suite.extendedSequence,
    hex,
    text(local),
    text(remote),
  ])
}
