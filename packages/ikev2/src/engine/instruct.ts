import type { Instant } from '@causeway/engine'
import { createChild } from '../child/command-child.ts'
import type { Ikev2Command } from '../command.ts'
import { probe } from '../information/liveness.ts'
import { usePath } from '../information/use-path.ts'
import { samePath } from '../path.ts'
import { deleteChild, handleHardLimit, handleSoftLimit, rekeyChild } from '../rekey/child-deadlines.ts'
import { rekeyIke } from '../rekey/rekey-ike-task.ts'
import { mayFloat, moveTo } from '../sa/follow-path.ts'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'

/** A command about a session or a Child SA that is there. */
export type SaCommand = Exclude<Ikev2Command, { readonly type: 'connect' | 'reply' }>

/** Does what the gateway wants of a session. What a session that is not yet established cannot do is not done. */
export function instruct(sa: LiveIkeSa, command: SaCommand, now: Instant): void {
  switch (command.type) {
    case 'eap-packet':
    case 'eap-success':
    case 'eap-failure':
      sa.authentication?.handleEap(command, now)
      return
    case 'disconnect':
      if (command.silent) sa.end(command.reason, false, now)
      else sa.surroundings.deleteIkeSa(sa, command.reason, now)
      return
    default:
      if (sa.state === 'established') instructEstablished(sa, command, now)
  }
}

type EstablishedCommand = Exclude<
  SaCommand,
  { readonly type: 'eap-packet' | 'eap-success' | 'eap-failure' | 'disconnect' }
>

function instructEstablished(sa: LiveIkeSa, command: EstablishedCommand, now: Instant): void {
  switch (command.type) {
    case 'create-child':
      createChild(sa, command, now)
      return
    case 'revise':
      sa.terms = { ...sa.terms, ...command.terms }
      return
    case 'rekey-ike':
      rekeyIke(sa, now)
      return
    case 'rekey-child':
      rekeyChild(sa, command.child, now)
      return
    case 'delete-child':
      deleteChild(sa, command.child, now)
      return
    case 'soft-limit':
      handleSoftLimit(sa, command.receiveSpi, now)
      return
    case 'hard-limit':
      handleHardLimit(sa, command.receiveSpi, now)
      return
    case 'probe':
      probe(sa, now)
      return
    case 'moved':
      // RFC 7296 §2.23, RFC 4555 §3.8: ESP may be followed, with MOBIKE too; but not to where IKE cannot go.
      if (mayFloat(sa) && command.path.encapsulated && !samePath(sa.path, command.path))
        moveTo(sa, command.path)
      return
    case 'use-path':
      usePath(sa, command.path, now)
      return
    default:
      command satisfies never
  }
}
