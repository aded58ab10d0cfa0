import { networkInterfaces } from 'node:os'
import { type ControlRequest, type ControlResults, isManagementRequest } from '@causeway/api-contract'
import { PresentGateway } from '../managed/index.ts'
import { CommandError, openInstallation, prepareGateway } from '../quick-start/index.ts'
import { createCommandHandler } from './command-handler.ts'

/**
 * Answers a command on the data directory of a gateway that does not run, preparing the directory
 * when it is new. Errors: as the command's, and `StoreError` `ERR_STORE_LOCKED` when it does run.
 */
export async function answerResting(
  directory: string,
  version: string,
  request: ControlRequest,
): Promise<ControlResults[ControlRequest['method']]> {
  if (isManagementRequest(request))
    throw new CommandError('Conflict', 'the gateway is not running; start it with `causeway up`')
  const installation = await openInstallation(directory)
  try {
    const prepared = await prepareGateway(installation, {}, networkInterfaces())
    const present = new PresentGateway({ installation, prepared })
    return await createCommandHandler({ present, version }).answer(request)
  } finally {
    await installation.data.close()
  }
}
