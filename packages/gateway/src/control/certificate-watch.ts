import { describeCertificate } from '@causeway/x509'
import type { Logger } from 'pino'
import { DAY_SECONDS } from '../quick-start/installation.ts'
import type { CommandHandler } from './command-handler.ts'

/** A certificate that ends within so many days wants attention. */
export const EXPIRY_WARNING_DAYS = 30

/**
 * Looks at the gateway's certificate, now and then once a day: its own is renewed in time, and of one that the
 * operator brought the log says when it is about to end. Answers what ends it.
 */
export function watchCertificate(
  handler: Pick<CommandHandler, 'renewCertificate'>,
  log: Logger,
  unixSeconds: () => number,
): () => void {
  const look = (): void => {
    handler.renewCertificate().then(
      ({ chain: [certificate] }) => {
        if (!certificate) return
        const { subject, notAfter } = describeCertificate(certificate)
        const days = Math.floor((notAfter - unixSeconds()) / DAY_SECONDS)
        if (days < EXPIRY_WARNING_DAYS)
          log.warn({ subject, days }, 'the gateway certificate ends soon; bring another')
      },
      (error: unknown) => log.error({ err: error }, 'the gateway certificate could not be renewed'),
    )
  }
  look()
  const timer = setInterval(look, DAY_SECONDS * 1000)
  timer.unref()
  return () => clearInterval(timer)
}
