import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ManagedScenario } from '../harness/management.ts'
import { inNamespace } from '../harness/namespace.ts'
import { RunningProcess } from '../harness/process.ts'
import type { LifeOutcome, LifeStep, SdkName, SentRequest, Signer, WireError } from './life-plan.ts'

const MAIN = fileURLToPath(new URL('./life-client-main.ts', import.meta.url))
const LOADER = ['--conditions=@causeway/source', '--import', 'tsx']
/** From us: the longest that a step may take on a machine that does much else. */
const STEP_LIMIT_MS = 60_000

/** How a call was refused, by what the SDK threw and by what was on the wire. */
export interface Refusal extends WireError {
  readonly status: number | undefined
}

/** A program with Azure's SDKs in a namespace: it trusts the API's CA by NODE_EXTRA_CA_CERTS alone. */
export class SdkProgram {
  readonly process: RunningProcess
  /** Everything that the SDKs have asked for. */
  readonly requests: SentRequest[] = []
  readonly #signer: Signer
  readonly #put: (line: string) => void
  #count = 0

  private constructor({ topology, place, administrator }: ManagedScenario) {
    const [namespace] = topology.clients
    if (!namespace) throw new Error('no client namespace')
    const args = [...LOADER, MAIN, JSON.stringify(place)]
    const [command = '', ...rest] = inNamespace(namespace, process.execPath, args)
    const { PATH = '', HOME = '' } = process.env
    const child = spawn(command, rest, {
      env: { PATH, HOME, NODE_EXTRA_CA_CERTS: place.authority },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.process = new RunningProcess(child, "Azure's SDKs")
    this.#put = line => child.stdin.write(`${line}\n`)
    this.#signer = administrator
  }

  static async start(scenario: ManagedScenario): Promise<SdkProgram> {
    const program = new SdkProgram(scenario)
    await program.process.waitFor(/^ready$/, STEP_LIMIT_MS)
    return program
  }

  async stop(): Promise<void> {
    await this.process.stop()
  }

  async outcome(step: Omit<LifeStep, 'as'> & { readonly as?: Signer }): Promise<LifeOutcome> {
    const number = ++this.#count
    const mark = this.process.mark()
    this.#put(JSON.stringify({ number, step: { as: this.#signer, ...step } }))
    const { text } = await this.process.waitFor(new RegExp(`^outcome ${number} `), STEP_LIMIT_MS, mark)
    const outcome = JSON.parse(text.slice(`outcome ${number} `.length)) as LifeOutcome
    this.requests.push(...outcome.requests)
    return outcome
  }

  /** What an SDK's call answers. Errors: it was refused. */
  async call(
    sdk: SdkName,
    path: string,
    parameters: readonly unknown[],
    more: StepOptions = {},
    // biome-ignore lint/suspicious/noExplicitAny: what SDKs answer is looked into
  ): Promise<any> {
    const outcome = await this.outcome({ ...stepOf(sdk, path, parameters), ...more })
    if (outcome.type === 'value') return outcome.value
    const { status, code, message, wire } = outcome
    throw new Error(`${sdk} ${path}: ${status} ${code} ${message}\n${JSON.stringify(wire)}`)
  }

  /** How an SDK's call is refused. Errors: it was not. */
  async refused(
    sdk: SdkName,
    path: string,
    parameters: readonly unknown[],
    more: StepOptions = {},
  ): Promise<Refusal> {
    const outcome = await this.outcome({ ...stepOf(sdk, path, parameters), ...more })
    if (outcome.type === 'value') throw new Error(`${sdk} ${path} was not refused`)
    const { status, code, message, wire } = outcome
    return { code: code ?? '', message, ...wire, status }
  }
}

/** Who does it, where it is not the first administrator, and with what headers. */
export interface StepOptions {
  readonly as?: Signer
  readonly headers?: Readonly<Record<string, string>>
}

/** @param path as `virtualNetworkGateways.get`. */
function stepOf(sdk: SdkName, path: string, parameters: readonly unknown[]): Omit<LifeStep, 'as'> {
  const [group = '', call = ''] = path.split('.')
  return { sdk, group, call, with: parameters }
}
