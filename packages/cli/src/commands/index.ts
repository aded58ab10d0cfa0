import type { Command } from '../command.ts'
import { apply } from './apply.ts'
import { certificateReset, certificateSet, certificateShow } from './certificate.ts'
import { clientAdd, clientList, clientRevoke } from './client.ts'
import { connect } from './connect.ts'
import { doctor } from './doctor.ts'
import { history } from './history.ts'
import { principalAdd, principalList, principalRemove, principalSecret } from './principal.ts'
import { disconnect, sessions } from './sessions.ts'
import { status } from './status.ts'
import { up } from './up.ts'

/** The commands by name. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  up,
  'client add': clientAdd,
  'client revoke': clientRevoke,
  'client list': clientList,
  'certificate set': certificateSet,
  'certificate show': certificateShow,
  'certificate reset': certificateReset,
  'principal add': principalAdd,
  'principal list': principalList,
  'principal secret': principalSecret,
  'principal remove': principalRemove,
  status,
  sessions,
  disconnect,
  apply,
  history,
  doctor,
  connect,
}
