import type { Logger } from 'pino'
import type { ManagementApi, ServerCertificate } from '../server/options.ts'

export interface UpkeepOptions {
  readonly api: Pick<ManagementApi, 'replaceCertificate' | 'tendVaults'>
  /** The API's certificate of today, renewed if it is time. */
  readonly certificate: () => Promise<ServerCertificate>
  readonly log: Logger
}

/** Ours: vaults keep days, certificates are renewed weeks ahead. */
const UPKEEP_MILLISECONDS = 3_600_000

/** Does what has to be done now and then. Answers what ends it. */
export function createUpkeep({ api, certificate, log }: UpkeepOptions): () => void {
  const tend = async (): Promise<void> => {
    try {
      api.replaceCertificate(await certificate())
    } catch (error) {
      log.error({ err: error }, "the management API's certificate could not be renewed")
    }
    try {
      await api.tendVaults()
    } catch (error) {
      log.error({ err: error }, 'the vaults could not be tended')
    }
  }
  const timer = setInterval(() => void tend(), UPKEEP_MILLISECONDS)
  timer.unref()
  return () => clearInterval(timer)
}
