import { createNodeCrypto } from '@causeway/crypto-node'
import {
  createDynamicAuthorization,
  type DynamicCommand,
  type DynamicEvent,
  type DynamicOutput,
  type DynamicPath,
  type DynamicSource,
  type RadiusServer,
} from '@causeway/radius'
import { formatIpAddress, ipPrefix } from '@causeway/wire'
import type { Logger } from 'pino'
import type { RadiusConfiguration } from '../configuration.ts'
import type { Clock } from '../engine/clock.ts'
import { EngineLoop } from '../engine/engine-loop.ts'
import { DynamicPort } from './dynamic-port.ts'
import { carryOut, type DynamicSessionsOptions } from './dynamic-sessions.ts'

export interface DynamicAuthorizationDriverOptions extends Omit<DynamicSessionsOptions, 'unixSeconds'> {
  readonly clock: Clock
  readonly log: Logger
}

/** Hears Disconnect and CoA of the RADIUS servers (RFC 5176) while the configuration names a port for them. */
export class DynamicAuthorizationDriver {
  readonly #options: DynamicAuthorizationDriverOptions
  #sources: readonly DynamicSource[] = []
  /** The port of the configuration, and what was opened for it. */
  #open: { readonly asked: number; readonly port: DynamicPort } | undefined
  /** Outlives a change of port or name: it knows which requests were carried out. */
  #loop: EngineLoop<DynamicPath, DynamicCommand, DynamicOutput> | undefined

  constructor(options: DynamicAuthorizationDriverOptions) {
    this.#options = options
  }

  /** The port, while one is open. */
  get port(): number | undefined {
    return this.#open?.port.port
  }

  /** Hears on this port from now on. Errors: `ListenerError`; then all is as before. */
  async listen(configuration: RadiusConfiguration | undefined): Promise<void> {
    const { dynamicAuthorization, nasIdentifier = '' } = configuration ?? {}
    if (!dynamicAuthorization) {
      this.close()
      return
    }
    const { port: asked } = dynamicAuthorization
    const before = this.#open
    const port = before?.asked === asked ? before.port : await this.#openPort(asked)
    if (before?.port !== port) before?.port.close()
    this.#open = { asked, port }
    this.#loop ??= this.#createLoop(nasIdentifier)
    this.#loop.handleCommand({ type: 'nas', nas: { identifier: nasIdentifier } })
  }

  /** From now on these servers are heard. The secret of RadSec is everybody's: it proves nothing over UDP. */
  use(servers: readonly RadiusServer[]): void {
    this.#sources = servers.flatMap(({ id, transport, secret, authentication, local }) => {
      if (transport === 'tls' || !secret || !authentication) return []
      return [{ id, prefix: ipPrefix(authentication.address), secret, ...(local && { local }) }]
    })
    this.#loop?.handleCommand({ type: 'sources', sources: this.#sources })
  }

  close(): void {
    this.#loop?.close()
    this.#loop = undefined
    this.#open?.port.close()
    this.#open = undefined
  }

  #openPort(port: number): Promise<DynamicPort> {
    return DynamicPort.open(port, (socket, remote, bytes) =>
      this.#loop?.handleDatagram({ socket, remote }, bytes),
    )
  }

  #createLoop(nasIdentifier: string): EngineLoop<DynamicPath, DynamicCommand, DynamicOutput> {
    const { clock, log } = this.#options
    const engine = createDynamicAuthorization({
      crypto: createNodeCrypto(),
      sources: this.#sources,
      nas: { identifier: nasIdentifier },
      unixSeconds: clock.unixSeconds,
    })
    return new EngineLoop(engine, {
      now: clock.now,
      interpret: output => this.#interpret(output),
      drained: () => undefined,
      defect: (error, output) =>
        log.error({ err: error, output: output?.type }, 'dynamic authorization failed'),
    })
  }

  #interpret(output: DynamicOutput): void {
    switch (output.type) {
      case 'send': {
        const { socket, remote } = output.path
        this.#open?.port.send(
          socket,
          { address: formatIpAddress(remote.address), port: remote.port },
          output.bytes,
        )
        return
      }
      case 'request':
        this.#carryOut(output)
        return
      case 'event':
        this.#report(output.event)
        return
      default:
        output satisfies never
    }
  }

  #carryOut({ id, source, request }: Extract<DynamicOutput, { readonly type: 'request' }>): void {
    const { clock, log } = this.#options
    const reply = carryOut({ ...this.#options, unixSeconds: clock.unixSeconds }, request)
    const outcome = reply.type === 'done' ? reply.type : reply.cause
    log.info({ source, outcome }, `RADIUS server ${source} asks to ${request.type} sessions: ${outcome}`)
    this.#loop?.handleCommand({ type: 'reply', id, reply })
  }

  #report(event: DynamicEvent): void {
    const { log } = this.#options
    switch (event.type) {
      case 'refused':
        log.warn(event, `request of RADIUS server ${event.source} refused: ${event.cause}`)
        return
      case 'dropped':
        log.warn(event, `${event.count} dynamic RADIUS requests dropped: ${event.reason}`)
        return
      default:
        event satisfies never
    }
  }
}
