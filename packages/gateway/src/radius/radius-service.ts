import type { ConnectionOptions } from 'node:tls'
import type {
  AccessCommand,
  AccountingCommand,
  RadiusAnswer,
  RadiusClient,
  RadiusCommand,
  RadiusEvent,
  RadiusOutput,
  RadiusPath,
  RadiusServer,
  RequestId,
  ServerId,
} from '@causeway/radius'
import type { Logger } from 'pino'
import type { Clock } from '../engine/clock.ts'
import { EngineLoop } from '../engine/engine-loop.ts'
import { RadiusLanes } from './radius-lanes.ts'

/** What is asked of RADIUS; the service gives it its number. */
export type AccessQuestion = Omit<AccessCommand, 'type' | 'id'>
export type AccountingQuestion = Omit<AccountingCommand, 'type' | 'id'>

/** Whoever answers questions for RADIUS: always, and in the time that a request has. */
export interface RadiusQuestions {
  ask(question: AccessQuestion): Promise<RadiusAnswer>
  record(question: AccountingQuestion): Promise<RadiusAnswer>
}

export interface RadiusServiceOptions {
  readonly engine: RadiusClient
  readonly tls: (server: ServerId) => ConnectionOptions
  /** Told what of answers was dropped. */
  readonly dropped: (reason: string, count: number) => void
  readonly clock: Clock
  readonly log: Logger
}

/** Asks RADIUS servers: joins the client to its sockets, and each question to its answer. */
export class RadiusService implements RadiusQuestions {
  readonly #log: Logger
  readonly #dropped: RadiusServiceOptions['dropped']
  readonly #loop: EngineLoop<RadiusPath, RadiusCommand, RadiusOutput>
  readonly #lanes: RadiusLanes
  readonly #asked = new Map<RequestId, (answer: RadiusAnswer) => void>()
  #lastId = 0

  constructor({ engine, tls, dropped, clock, log }: RadiusServiceOptions) {
    this.#log = log
    this.#dropped = dropped
    this.#lanes = new RadiusLanes(
      {
        handleDatagram: (path, bytes) => this.#loop.handleDatagram(path, bytes),
        command: command => this.#loop.handleCommand(command),
      },
      tls,
    )
    this.#loop = new EngineLoop(engine, {
      now: clock.now,
      interpret: output => this.#interpret(output),
      drained: () => undefined,
      defect: (error, output) => log.error({ err: error, output: output?.type }, 'RADIUS driver failed'),
    })
  }

  ask(question: AccessQuestion): Promise<RadiusAnswer> {
    return this.#request(id => ({ type: 'access', id, ...question }))
  }

  record(question: AccountingQuestion): Promise<RadiusAnswer> {
    return this.#request(id => ({ type: 'accounting', id, ...question }))
  }

  /** Asks these servers from now on. */
  use(servers: readonly RadiusServer[]): void {
    this.#loop.handleCommand({ type: 'servers', servers })
  }

  /** Calls itself so and waits so long, from the next question on. */
  set(nasIdentifier: string, totalMs: number): void {
    this.#loop.handleCommand({ type: 'settings', nas: { identifier: nasIdentifier }, totalMs })
  }

  /** Lets go of everything; who still waits hears that nobody will answer. */
  close(): void {
    this.#loop.close()
    this.#lanes.closeAll()
    for (const [id, settle] of this.#asked) {
      this.#asked.delete(id)
      settle({ type: 'failed', reason: 'no-server', detail: 'the gateway stops' })
    }
  }

  #request(command: (id: RequestId) => AccessCommand | AccountingCommand): Promise<RadiusAnswer> {
    const id = ++this.#lastId
    return new Promise(resolve => {
      this.#asked.set(id, resolve)
      this.#loop.handleCommand(command(id))
    })
  }

  #interpret(output: RadiusOutput): void {
    switch (output.type) {
      case 'open-port':
        this.#lanes.openPort(output.lane, output.remote)
        return
      case 'connect':
        this.#lanes.connect(output.lane, output.server, output.remote)
        return
      case 'send':
        this.#lanes.send(output.lane, output.bytes)
        return
      case 'close-lane':
        this.#lanes.close(output.lane)
        return
      case 'answer':
        this.#asked.get(output.id)?.(output.answer)
        this.#asked.delete(output.id)
        return
      case 'event':
        this.#report(output.event)
        return
      default:
        output satisfies never
    }
  }

  #report(event: RadiusEvent): void {
    switch (event.type) {
      case 'server-state':
        this.#log.warn(event, `RADIUS server ${event.server} is ${event.state}: ${event.reason}`)
        return
      case 'unprotected-answer':
        this.#log.warn(
          event,
          `RADIUS server ${event.server} sends no Message-Authenticator: its answers can be forged`,
        )
        return
      case 'dropped':
        this.#dropped(event.reason, event.count)
        this.#log.warn(event, `${event.count} RADIUS packets dropped: ${event.reason}`)
        return
      default:
        event satisfies never
    }
  }
}
