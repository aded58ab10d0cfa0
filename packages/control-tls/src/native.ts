import { createRequire } from 'node:module'
import { ControlTlsError } from './errors.ts'
import type { TlsExport } from './key-export.ts'
import type { TlsLimits } from './limits.ts'

/** What one step of a connection brought; see `TlsReport` for the meaning of the fields. */
export interface NativeReport {
  readonly records?: Uint8Array
  readonly established?: {
    readonly version: string
    readonly cipher: string
    readonly peerChain: readonly Uint8Array[]
    /** In the order of the settings. */
    readonly exports: readonly Uint8Array[]
  }
  readonly plaintext?: Uint8Array
  /** In OpenSSL's words. */
  readonly failure?: string
}

/** All fields are needed; `''` and `[]` are nothing. Versions are TLS version numbers. */
export interface NativeSettings {
  readonly role: 'server' | 'client'
  readonly certificateChain: string
  readonly privateKey: string
  readonly minimum: number
  readonly maximum: number
  readonly ciphers: string
  readonly suites: string
  readonly groups: string
  readonly requestsCertificate: boolean
  readonly serverName: string
  readonly exports: readonly TlsExport[]
  readonly limits: TlsLimits
}

declare const context: unique symbol

/** Opaque. */
export interface NativeContext {
  readonly [context]: true
}

export interface NativeConnection {
  /** `undefined` when the connection is over. */
  input(records: Uint8Array): NativeReport | undefined
  /** `undefined` when the connection is over, `null` before it is established. */
  write(plaintext: Uint8Array): NativeReport | undefined | null
  /** `undefined` when the connection is over. */
  end(): NativeReport | undefined
  /** `null` when there is no established connection. */
  release(): object | null
  close(): void
}

interface NativeAddon {
  /** Throws an error that says what OpenSSL does not take. */
  readonly Context: new (
    settings: NativeSettings,
  ) => NativeContext
  readonly Connection: new (context: NativeContext) => NativeConnection
}

/** The addon. Importing this module throws `ERR_TLS_ADDON` when it is not built or does not fit this Node. */
export const native: NativeAddon = loadAddon('../build/Release/causeway_control_tls.node')

/** @internal Loads the addon at `path`, relative to this module. Exported for its test. */
export function loadAddon(path: string): NativeAddon {
  try {
    return createRequire(import.meta.url)(path)
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND'
    if (isMissing)
      throw new ControlTlsError('ERR_TLS_ADDON', 'native addon not built: run `npm run build:native`')
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ControlTlsError('ERR_TLS_ADDON', `native addon does not load: ${why}`, { cause })
  }
}
