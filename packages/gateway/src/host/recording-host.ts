import type { GatewayHost, GatewayHostState } from './host.ts'

/** A machine that only remembers what it was asked for. For tests and simulation. */
export class RecordingHost implements GatewayHost {
  readonly calls: ('prepare' | 'apply' | 'restore')[] = []
  readonly states: GatewayHostState[] = []

  /** The state asked for last, until it was restored. */
  get state(): GatewayHostState | undefined {
    return this.calls.at(-1) === 'apply' ? this.states.at(-1) : undefined
  }

  async prepare(): Promise<void> {
    this.calls.push('prepare')
  }

  async apply(state: GatewayHostState): Promise<readonly string[]> {
    this.calls.push('apply')
    this.states.push(state)
    return []
  }

  async restore(): Promise<void> {
    this.calls.push('restore')
  }
}
