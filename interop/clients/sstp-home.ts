/** A client of `sstp-home-main.ts`; texts of certificates are PEM. */
export interface SstpHomePlan {
  readonly server: string
  readonly serverName: string
  readonly authority: string
  /** Networks behind the gateway. */
  readonly destinations: readonly string[]
  /** EAP-TLS or EAP-MSCHAPv2. */
  readonly signIn:
    | { readonly type: 'certificate'; readonly certificate: string; readonly privateKey: string }
    | { readonly type: 'password'; readonly name: string; readonly password: string }
}

/** The process for {@link SstpHomePlan}s. */
export const SSTP_HOME: URL = new URL('./sstp-home-main.ts', import.meta.url)
