import type { Instant } from '@causeway/engine'
import { formatHex } from '@causeway/wire'
import type { Identification } from '../identification.ts'
import type { IkeSa } from '../sa/ike-sa.ts'

/** Who has been authenticated, and how. */
export interface Authenticated {
  readonly method: 'certificate' | 'psk' | 'eap'
  readonly identification: Identification
  readonly initialContact: boolean
}

/** Both ends are authenticated: the session is there. */
export function establish(sa: IkeSa, authenticated: Authenticated, now: Instant): void {
  const { session, surroundings, suite, path, nat, peer, terms } = sa
  const { method, identification, initialContact } = authenticated
  sa.authentication = undefined
  surroundings.established(sa, now)
  surroundings.emit({
    type: 'event',
    session,
    event: {
      type: 'established',
      suite,
      method,
      identification,
      initialContact,
      path,
      natDetected: { local: nat.local, remote: nat.remote },
      software: peer.software,
      mobike: terms.mobike && peer.mobike,
      fragmentation: peer.fragmentation,
      order: formatHex(sa.initiatorSpi),
      responderSpi: formatHex(sa.responderSpi),
    },
  })
}
