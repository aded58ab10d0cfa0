import type { GatewayConfiguration, GatewayIdentity, SessionRecord } from '../configuration.ts'
import type { Gateway } from '../runtime/gateway.ts'

/** A gateway that remembers what it was told. */
export class RecordingGateway implements Gateway {
  readonly applied: GatewayConfiguration[] = []
  readonly shown: GatewayIdentity[] = []
  /** What the next change fails with. */
  refusal: Error | undefined
  resets = 0

  listeners(): GatewayConfiguration['listeners'] {
    return this.applied.at(-1)?.listeners ?? []
  }

  apply(configuration: GatewayConfiguration): Promise<void> {
    if (this.refusal) return Promise.reject(this.refusal)
    this.applied.push(configuration)
    return Promise.resolve()
  }

  replaceIdentity(identity: GatewayIdentity): Promise<void> {
    this.shown.push(identity)
    return Promise.resolve()
  }

  sessions(): SessionRecord[] {
    return []
  }

  disconnect(id: string): boolean {
    return id === 'known'
  }

  reset(): Promise<void> {
    this.resets++
    return Promise.resolve()
  }

  connections(): [] {
    return []
  }

  resetConnection(id: string): boolean {
    return id === 'known'
  }

  readCertificatesBy(): void {}

  certificatesChanged(): void {}

  stop(): Promise<void> {
    return Promise.resolve()
  }
}
