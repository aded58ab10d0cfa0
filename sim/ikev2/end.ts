import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import type { Datagram, Engine, Instant } from '@causeway/engine'
import type { Ikev2Command, Ikev2Output, Path, PeerTerms } from '@causeway/ikev2'
import type { PairSide } from '@causeway/netsim'
import { createIkev2, type Ikev2Engine } from '../../packages/ikev2/src/engine/ikev2-engine.ts'
import { FakeGateway } from '../../packages/ikev2/src/testing/fake-gateway.ts'
import { posted, type Route } from '../../packages/ikev2/src/testing/routes.suite.ts'
import { letIn, trust } from '../../packages/ikev2/src/testing/terms.suite.ts'
import { OutputContract } from './agreement.ts'

/** A command to the engine that was there when it was given: what comes after a restart is lost. */
export interface TimedCommand {
  readonly epoch: number
  readonly command: Ikev2Command
}

export interface EndOptions {
  readonly name: 'initiator' | 'responder'
  readonly seed: number
  readonly terms: PeerTerms
  readonly routes: Route[]
  /** Packets of the peer that have reached its datapath when it is asked. */
  readonly received: () => number
  /** Sees each output, before it is acted upon. */
  readonly watch: (output: Ikev2Output, end: End) => void
}

/** One end of a life: an engine that can be restarted, and the gateway around it. */
export class End implements Engine<Path, TimedCommand, Ikev2Output> {
  readonly name: EndOptions['name']
  engine: Ikev2Engine
  gateway: FakeGateway
  epoch = 0
  readonly #options: EndOptions
  #contract = new OutputContract()

  constructor(options: EndOptions) {
    this.#options = options
    this.name = options.name
    this.engine = this.#createEngine()
    this.gateway = this.#createGateway()
  }

  /** Everything is forgotten. */
  restart(): void {
    this.epoch++
    this.engine = this.#createEngine()
    this.gateway = this.#createGateway()
    this.#contract = new OutputContract()
  }

  /** For the present engine. */
  timed(command: Ikev2Command): TimedCommand {
    return { epoch: this.epoch, command }
  }

  handleDatagram({ bytes }: Datagram<Path>, now: Instant): void {
    const path = this.#options.routes[bytes[0] as number]?.[this.name]
    if (path) this.engine.handleDatagram({ path, bytes: bytes.subarray(1) }, now)
  }

  handleCommand({ epoch, command }: TimedCommand, now: Instant): void {
    if (epoch === this.epoch) this.engine.handleCommand(command, now)
  }

  handleTimeout(now: Instant): void {
    this.engine.handleTimeout(now)
  }

  poll(): Ikev2Output | undefined {
    return this.engine.poll()
  }

  nextTimeout(): Instant | undefined {
    return this.engine.nextTimeout()
  }

  /** As a side of a pair. */
  side(
    link: PairSide<Path, TimedCommand, Ikev2Output>['link'] & object,
  ): PairSide<Path, TimedCommand, Ikev2Output> {
    const { routes, watch, received } = this.#options
    return {
      engine: this,
      path: (routes[0] as Route)[this.name],
      link,
      handleOutput: (output, actions) => {
        this.#contract.check(output)
        if (output.type === 'request' && output.request.type === 'traffic')
          this.gateway.packetsReceived += received()
        watch(output, this)
        this.gateway.handle(output, {
          send: (bytes, by) => {
            const packet = posted(routes, this.name, by, bytes)
            if (packet) actions.send(packet)
          },
          command: command => actions.command(this.timed(command)),
        })
      },
    }
  }

  #createEngine(): Ikev2Engine {
    const { seed, name, terms } = this.#options
    const crypto = createSeededCrypto(`${seed} ${name} ${this.epoch}`, { keyAgreement: 'toy' })
    return createIkev2({ crypto, responder: () => (name === 'responder' ? terms : undefined) })
  }

  #createGateway(): FakeGateway {
    return new FakeGateway(this.name === 'initiator' ? trust : letIn)
  }
}
