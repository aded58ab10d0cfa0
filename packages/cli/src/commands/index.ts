import type { Command } from '../command.ts'
import { apply } from './apply.ts'
import { certImport, certList, certShow } from './cert.ts'
import { certCheck } from './cert-check.ts'
import { certIssue } from './cert-issue.ts'
import { certificateReset, certificateSet, certificateShow } from './certificate.ts'
import { clientAdd, clientList, clientRevoke } from './client.ts'
import { connect } from './connect.ts'
import { connectionReset, connectionShow, connections } from './connections.ts'
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
  'cert import': certImport,
  'cert issue': certIssue,
  'cert list': certList,
  'cert show': certShow,
  'cert check': certCheck,
  'principal add': principalAdd,
  'principal list': principalList,
  'principal secret': principalSecret,
  'principal remove': principalRemove,
  status,
  sessions,
  disconnect,
  connections,
  'connection show': connectionShow,
  'connection reset': connectionReset,
  apply,
  history,
  doctor,
  connect,
}
