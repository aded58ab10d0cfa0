import { type CommandHandler, createCommandHandler } from '../control/command-handler.ts'
import { type Installation, type Prepared, prepareGateway, type StartOptions } from '../quick-start/index.ts'
import { INTERFACES } from '../quick-start/scratch-installation.suite.ts'
import { RecordingGateway } from '../testing/recording-gateway.suite.ts'
import { recordingLog } from '../testing/test-gateway.suite.ts'
import { createManagedGateway } from './create-managed-gateway.ts'
import type { ManagedGateway } from './managed-gateway.ts'
import { OperatorChanges } from './operator-changes.ts'
import { PresentGateway } from './present-gateway.ts'

/** A process, all but its ports. */
export interface ScratchProcess {
  readonly prepared: Prepared
  readonly gateway: RecordingGateway
  readonly managed: ManagedGateway
  readonly handler: CommandHandler
  readonly lines: ReturnType<typeof recordingLog>['lines']
}

export async function scratchProcess(
  installation: Installation,
  options: StartOptions = {},
): Promise<ScratchProcess> {
  const prepared = await prepareGateway(installation, options, INTERFACES)
  const gateway = new RecordingGateway()
  const { log, lines } = recordingLog()
  const present = new PresentGateway({ installation, prepared, gateway })
  const changes = new OperatorChanges(log)
  const managed = createManagedGateway({ present, gateway, changes, log })
  const handler = createCommandHandler({ present, changes, version: '1' })
  return { prepared, gateway, managed, handler, lines }
}
