import type { ConnectionReply, MaterialRefusalReason } from '@causeway/site-to-site'

/** A certificate as the vault of an end has it. */
export interface Version {
  readonly version: string
  readonly issuer: string
  readonly notAfterSeconds: number
}

/** Of what the vault of an end may be in the way. */
export type VaultState = 'good' | 'silent' | MaterialRefusalReason

const TEMPORARY: readonly VaultState[] = ['unreachable']

/** Answers for certificates, or does not. */
export class Vault {
  state: VaultState = 'good'
  readonly versions = new Map<string, Version>()
  #newest: Version | undefined
  #count = 0

  put(issuer: string, notAfterSeconds: number): void {
    this.#count++
    this.#newest = { version: `v${this.#count}`, issuer, notAfterSeconds }
    this.versions.set(this.#newest.version, this.#newest)
  }

  /** `undefined`: no answer. */
  answer(): ConnectionReply | undefined {
    const { state } = this
    if (state === 'silent' || !this.#newest) return undefined
    if (state !== 'good') {
      const refusal = { reason: state, message: `vault: ${state}`, isTemporary: TEMPORARY.includes(state) }
      return { type: 'material-refused', refusal }
    }
    const { version, notAfterSeconds } = this.#newest
    return { type: 'material', material: { version, notAfterSeconds, fingerprint: `f-${version}` } }
  }
}
