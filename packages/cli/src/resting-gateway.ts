import type { ControlRequest } from '@causeway/api-contract'

/**
 * The parts of the gateway that work on a data directory while no gateway runs there. They are
 * loaded when they are needed, so that help and errors need no native addon.
 */

/** Answers a command on a resting data directory. Errors: those of the gateway's commands. */
export async function answerResting(
  directory: string,
  version: string,
  request: ControlRequest,
): Promise<unknown> {
  const gateway = await import('@causeway/gateway')
  return gateway.answerResting(directory, version, request)
}

/** What `causeway doctor` looked at. */
export interface DoctorFinding {
  readonly check: string
  readonly state: 'good' | 'warning' | 'bad'
  readonly detail: string
  readonly fix?: string
}

/** Looks at the machine and a data directory. Changes nothing. */
export async function examineMachine(
  directory: string,
  isRunning: boolean,
): Promise<readonly DoctorFinding[]> {
  const gateway = await import('@causeway/gateway')
  return gateway.examineMachine(directory, isRunning)
}
