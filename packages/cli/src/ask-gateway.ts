import { stat } from 'node:fs/promises'
import {
  type ControlMethod,
  type ControlRequest,
  type ControlResults,
  type DeployedResource,
  LIVE_METHODS,
} from '@causeway/api-contract'
import { CommandFailure } from './command-failure.ts'
import { askRunning, type RequestOf } from './control-client.ts'
import { answerResting } from './resting-gateway.ts'
import { programVersion } from './version.ts'

/**
 * Asks the gateway of a data directory: the running one, or else what lies in the directory. A
 * directory that does not exist is not made, because it is most likely a typing error.
 *
 * @param onProgress hears of what the gateway has done so far, for methods that take long.
 */
export async function askGateway<Method extends ControlMethod>(
  directory: string,
  request: RequestOf<Method>,
  onProgress: (resource: DeployedResource) => void = () => undefined,
): Promise<ControlResults[Method]> {
  const answer = await askRunning(directory, request, onProgress)
  if (answer !== undefined) return answer
  if (!(await isDirectory(directory)))
    throw new CommandFailure(
      `there is no data directory ${directory}; start one with causeway up, or give --data DIR`,
    )
  if (LIVE_METHODS.includes(request.method))
    throw new CommandFailure(`no gateway runs on ${directory}; start it with causeway up, or give --data DIR`)
  return (await answerUnlessLocked(directory, request)) as ControlResults[Method]
}

/** A gateway that holds the directory without a control socket is between two states. */
async function answerUnlessLocked(directory: string, request: ControlRequest): Promise<unknown> {
  try {
    return await answerResting(directory, programVersion(), request)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_STORE_LOCKED') throw error
    throw new CommandFailure(
      `the gateway on ${directory} is just starting or stopping; try again`,
      'Conflict',
    )
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    // Missing or closed to us: either way there is nothing to work on.
    return false
  }
}
