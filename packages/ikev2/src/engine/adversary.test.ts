import type { Instant } from '@causeway/engine'
import { selectorContains, type TrafficSelector } from '@causeway/wire'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Ikev2Command } from '../command.ts'
import { notify } from '../exchange/notify.ts'
import { CHILD_SAS, IKE_SAS, WAITING_TASKS } from '../limits.ts'
import type { Ikev2Output } from '../output.ts'
import { FakeGateway } from '../testing/fake-gateway.ts'
import { COMMANDS, type Step, steps } from '../testing/peer-steps.suite.ts'
import { ScriptedInitiator } from '../testing/scripted-initiator.suite.ts'
import { type LoneResponder, loneResponder, pathFrom } from '../testing/stranger.suite.ts'
import { letIn, RESPONDER_TERMS } from '../testing/terms.suite.ts'
import { readIkeHeader } from '../wire/header.ts'
import { EXCHANGE, NOTIFY } from '../wire/numbers.ts'

const TIMES = {
  livenessSeconds: 30,
  childRekeySeconds: 50,
  childLifetimeSeconds: 200,
  ikeRekeySeconds: 90,
  ikeLifetimeSeconds: 300,
}
/** Longer than any deadline of these terms. */
const REST_MS = 1_000_000
/** Real time: some seconds of computing, and several times that on a machine that has other things to do. */
const LIMIT_MS = 60_000

/** A responder and a peer that was let in, with the gateway around it and a clock. */
class Stage {
  readonly engine: LoneResponder['engine']
  readonly gateway: FakeGateway = new FakeGateway(letIn)
  readonly #peer: ScriptedInitiator
  #now: Instant = 0
  #from = 1
  #nextId = 1
  /** The request of ours that is out. */
  #asked: { readonly messageId: number; readonly exchange: number } | undefined

  constructor(mobike: boolean) {
    const { engine } = loneResponder({}, { mobike, ...TIMES })
    this.engine = engine
    const hear = (bytes: Uint8Array): Ikev2Output[] => {
      const path = { ...pathFrom(`203.0.113.${this.#from}`, 4500), encapsulated: true }
      engine.handleDatagram({ path, bytes }, this.#now)
      return this.#drain()
    }
    this.#peer = new ScriptedInitiator({ engine, hear }, pathFrom('203.0.113.1'))
    const extra = mobike ? [notify(NOTIFY.MOBIKE_SUPPORTED)] : []
    this.#say(EXCHANGE.IKE_AUTH, this.#peer.authPayloads(extra))
    expect(engine.sessionCount).toBe(1)
  }

  take(step: Step): void {
    switch (step.type) {
      case 'say':
        this.#from = step.from
        this.#say(step.exchange, step.payloads)
        return
      case 'respond':
        this.#from = step.from
        if (this.#asked) this.#peer.say(step.payloads, { ...this.#asked, response: true })
        return
      case 'command':
        this.command(this.#commands(step.pick)[step.which % COMMANDS] as Ikev2Command)
        return
      case 'wait':
        this.wait(step.milliseconds)
        return
      default:
        step satisfies never
    }
  }

  command(command: Ikev2Command): void {
    this.engine.handleCommand(command, this.#now)
    this.#drain()
  }

  wait(milliseconds: number): void {
    const until = this.#now + milliseconds
    for (
      let at = this.engine.nextTimeout();
      at !== undefined && at <= until;
      at = this.engine.nextTimeout()
    ) {
      this.#now = Math.max(this.#now, at)
      this.engine.handleTimeout(this.#now)
      this.#drain()
    }
    this.#now = until
  }

  /** The window moves on when there is an answer. */
  #say(exchange: number, payloads: Parameters<ScriptedInitiator['say']>[0]): void {
    const outputs = this.#peer.say(payloads, { exchange, messageId: this.#nextId })
    if (outputs.some(output => output.type === 'send' && isResponse(output.bytes))) this.#nextId++
  }

  #commands(pick: number): readonly Ikev2Command[] {
    const flows = [...this.gateway.flows]
    const [child, flow] = flows[pick % Math.max(1, flows.length)] ?? [0, undefined]
    const [receiveSpi = 0] = flow?.sas.keys() ?? []
    const path = { ...pathFrom('203.0.113.9', 4500), encapsulated: true }
    const { local, remote } = RESPONDER_TERMS
    return [
      { type: 'rekey-ike', session: 1 },
      { type: 'rekey-child', session: 1, child },
      { type: 'delete-child', session: 1, child },
      { type: 'create-child', session: 1, local, remote },
      { type: 'soft-limit', child, receiveSpi },
      { type: 'hard-limit', child, receiveSpi },
      { type: 'probe', session: 1 },
      { type: 'moved', child, path },
    ]
  }

  #drain(): Ikev2Output[] {
    const outputs: Ikev2Output[] = []
    for (let output = this.engine.poll(); output; output = this.engine.poll()) {
      outputs.push(output)
      if (output.type === 'install-sa') requireGranted(output.sa)
      // It throws at what a datapath could not do.
      this.gateway.handle(output, {
        send: bytes => this.#noteSent(bytes),
        command: command => this.engine.handleCommand(command, this.#now),
      })
    }
    this.#requireBounds()
    return outputs
  }

  #noteSent(bytes: Uint8Array): void {
    const header = readIkeHeader(bytes)
    if ('messageId' in header && !header.response) this.#asked = header
  }

  #requireBounds(): void {
    const { ikeSaCount, espSpiCount, openRequestCount } = this.engine
    // One of our own rekeying may come on top; offers that wait have an SPI each.
    expect(ikeSaCount).toBeLessThanOrEqual(IKE_SAS + 1)
    expect(espSpiCount).toBeLessThanOrEqual(CHILD_SAS + WAITING_TASKS)
    expect(openRequestCount).toBeLessThanOrEqual(16)
  }
}

function isResponse(bytes: Uint8Array): boolean {
  const header = readIkeHeader(bytes)
  return 'response' in header && header.response
}

/** Whatever was asked for, nothing is carried that the peer was not granted. */
function requireGranted({ local, remote }: Record<'local' | 'remote', readonly TrafficSelector[]>): void {
  expect(isWithin(local, RESPONDER_TERMS.local) && isWithin(remote, RESPONDER_TERMS.remote)).toBe(true)
}

function isWithin(list: readonly TrafficSelector[], granted: readonly TrafficSelector[]): boolean {
  return list.length > 0 && list.every(one => granted.some(whole => selectorContains(whole, one)))
}

it('a peer that was let in, whatever it says: nothing beyond its grant, nothing without bound, nothing left', {
  timeout: LIMIT_MS,
}, () => {
  const lives = fc.array(steps, { minLength: 1, maxLength: 60, size: 'max' })
  fc.assert(
    fc.property(fc.boolean(), lives, (mobike, life) => {
      const stage = new Stage(mobike)
      for (const step of life) stage.take(step)
      stage.command({ type: 'disconnect', session: 1, reason: 'the life is over' })
      stage.wait(REST_MS)
      const { sessionCount, ikeSaCount, espSpiCount, openRequestCount } = stage.engine
      expect([sessionCount, ikeSaCount, espSpiCount, openRequestCount]).toEqual([0, 0, 0, 0])
      expect(stage.gateway.flows.size).toBe(0)
    }),
    { numRuns: 300 },
  )
})
