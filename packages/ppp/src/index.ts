/**
 * PPP (RFC 1661) of both roles as a value without I/O: LCP, authentication by PAP, CHAP-MSCHAPv2 or EAP, IPCP
 * and IPV6CP. Frames are whole and reliable or lossy, as the lower layer has it; HDLC is not spoken.
 */

export type { PppAuthentication, PppKeys } from './authentication.ts'
export { eapTlsKeys } from './keys/eap-tls-keys.ts'
export { type BothEndsKeys, mschapv2Keys } from './keys/mschapv2-keys.ts'
export { createPppLink, type PppLink } from './link/ppp-link.ts'
export type { PppCommand, PppNetwork, PppReply } from './link-command.ts'
export {
  PPP_DEFAULTS,
  type PppClientOptions,
  type PppOptions,
  type PppServerOptions,
} from './link-options.ts'
export type { PppEvent, PppOutput, PppRequest } from './link-output.ts'
export { PppError, type PppErrorCode } from './ppp-error.ts'
