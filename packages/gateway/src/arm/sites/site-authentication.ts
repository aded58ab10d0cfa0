import { type Connection, SECRET_TEXT } from '@causeway/api-contract'
import { utf8Bytes } from '@causeway/wire'
import type { RevocationMode } from '@causeway/x509'
import type { SiteAuthentication } from '../../site/site-configuration.ts'
import type { Report } from '../configuration-fault.ts'

const KEY = 'properties.sharedKey'
const OUTBOUND = 'properties.certificateAuthentication.outboundAuthCertificate'
/** As key vaults show their identifiers: which vaults are asked is for whoever reads them. */
const VAULT_PATH = /^\/(certificates|secrets)\/[0-9A-Za-z-]{1,127}(\/([0-9A-Fa-f]{32})?)?$/i
const ID_LENGTH = 2_048

/**
 * How a connection proves itself and judges its peer. The inbound chain is judged when the connection is made or
 * changed and when it is used, not here: its root may have expired since. `undefined`: it was reported.
 */
export function readSiteAuthentication(
  { properties }: Connection,
  revocation: RevocationMode,
  report: Report,
): SiteAuthentication | undefined {
  if (properties.authenticationType?.toLowerCase() === 'certificate')
    return readCertificate(properties, revocation, report)
  const { sharedKey = '' } = properties
  if (sharedKey === SECRET_TEXT) {
    // What secrets are shown as, everybody knows.
    report(KEY, `is ${SECRET_TEXT}, and none is known`, 'give the key that the device has')
    return undefined
  }
  if (sharedKey !== '') return { type: 'psk', secret: utf8Bytes(sharedKey) }
  report(KEY, 'is missing', 'give the key that the device has, or use Certificate')
  return undefined
}

/** What is missing is reported by the SKU's rules. */
function readCertificate(
  { certificateAuthentication = {} }: Connection['properties'],
  revocation: RevocationMode,
  report: Report,
): SiteAuthentication {
  const {
    outboundAuthCertificate: outbound = '',
    inboundAuthCertificateSubjectName: inboundSubject = '',
    inboundAuthCertificateChain: inboundChain = [],
  } = certificateAuthentication
  const problem = outbound === '' ? undefined : idProblem(outbound)
  if (problem !== undefined)
    report(
      OUTBOUND,
      problem,
      'give https://VAULT.DOMAIN/certificates/NAME[/VERSION], or /secrets/ in its place',
    )
  return { type: 'certificate', outbound, inboundSubject, inboundChain, revocation }
}

function idProblem(text: string): string | undefined {
  if (text.length > ID_LENGTH || !URL.canParse(text)) return 'is no URL'
  const url = new URL(text)
  if (url.protocol !== 'https:') return 'is no https URL'
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return 'holds more than a host and a path'
  return VAULT_PATH.test(url.pathname) ? undefined : 'names no certificate or secret of a key vault'
}
