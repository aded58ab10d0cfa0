/** SSTP ([MS-SSTP]) of both roles: HTTP opening, crypto binding and the call around a PPP link, without I/O. */

export type { CallId, CertificateHashes, SstpCommand } from './sstp-command.ts'
export type { SstpOptions, SstpSettings } from './sstp-options.ts'
export type { SstpEvent, SstpFlowTerms, SstpOutput } from './sstp-output.ts'
