import { type Datagram, DeadlineQueue, DropLog, type Engine, type Instant, Outbox } from '@causeway/engine'
import { createPppLink } from '@causeway/ppp'
import { Call } from './call/call.ts'
import type { CallHost, PppLink } from './call/call-host.ts'
import { checkSettings } from './call/ppp-options.ts'
import { RequestTable } from './call/request-table.ts'
import type { CallId, SstpCommand } from './sstp-command.ts'
import type { SstpOptions } from './sstp-options.ts'
import type { SstpOutput } from './sstp-output.ts'

/**
 * SSTP of one role, for any number of calls. `handleDatagram` takes one whole SSTP packet with its 4-byte header;
 * the path is its call. Packets and commands of a call that is not there, or is over, do nothing.
 *
 * Errors: `ERR_SSTP_SETTINGS` from `connection-opened` when the settings make no call.
 */
export type SstpEngine = Engine<CallId, SstpCommand, SstpOutput>

/** A server or a client. */
export function createSstpEngine(options: SstpOptions): SstpEngine {
  return new SstpCalls(options)
}

/** The calls of an engine. */
export class SstpCalls implements SstpEngine {
  readonly #options: SstpOptions
  readonly #host: CallHost
  readonly #calls = new Map<CallId, Call>()
  readonly #deadlines = new DeadlineQueue<CallId>()
  readonly #requests = new RequestTable<CallId>()
  readonly #outbox = new Outbox<SstpOutput>()
  readonly #drops = new DropLog<CallId>(({ session, reason, count }) => {
    // A call that is over has said its last word.
    if (session === undefined || !this.#calls.has(session)) return
    this.#outbox.put({ type: 'event', call: session, event: { type: 'dropped', reason, count } })
  })

  constructor(
    options: SstpOptions,
    createLink: (...of: Parameters<typeof createPppLink>) => PppLink = createPppLink,
  ) {
    this.#options = options
    this.#host = {
      role: options.role,
      crypto: options.crypto,
      createLink,
      put: output => this.#outbox.put(output),
      drop: (call, reason, now) => this.#drops.add(call, reason, now),
      requestId: (call, linkId) => this.#requests.add(call, linkId),
      ended: call => this.#forget(call),
    }
  }

  /** What is kept, for tests: calls, their deadlines (with stale ones) and their requests. */
  get sizes(): { readonly calls: number; readonly deadlines: number; readonly requests: number } {
    const [calls, requests] = [this.#calls.size, this.#requests.size]
    return { calls, deadlines: this.#deadlines.entryCount, requests }
  }

  handleDatagram({ path, bytes }: Datagram<CallId>, now: Instant): void {
    this.#with(path, call => call.handlePacket(bytes, now))
  }

  handleCommand(command: SstpCommand, now: Instant): void {
    switch (command.type) {
      case 'connection-opened':
        this.#open(command, now)
        return
      case 'connection-closed':
        this.#with(command.call, call => call.connectionClosed(command.reason, now))
        return
      case 'disconnect':
        this.#with(command.call, call => call.disconnect(command.reason, now))
        return
      case 'eap-packet':
      case 'eap-success':
      case 'eap-failure': {
        const { call: id, ...rest } = command
        this.#with(id, call => call.handleLinkCommand(rest, now))
        return
      }
      case 'reply': {
        const origin = this.#requests.take(command.id)
        if (!origin) return
        const reply = { type: 'reply', id: origin.linkId, reply: command.reply } as const
        this.#with(origin.call, call => call.handleLinkCommand(reply, now))
        return
      }
      default:
        command satisfies never
    }
  }

  handleTimeout(now: Instant): void {
    this.#drops.handleTimeout(now)
    const due: CallId[] = []
    for (let id = this.#deadlines.takeDue(now); id !== undefined; id = this.#deadlines.takeDue(now))
      due.push(id)
    for (const id of due) this.#with(id, call => call.handleTimeout(now))
  }

  poll(): SstpOutput | undefined {
    return this.#outbox.take()
  }

  nextTimeout(): Instant | undefined {
    const [calls, drops] = [this.#deadlines.next(), this.#drops.nextTimeout()]
    return calls === undefined || drops === undefined ? (calls ?? drops) : Math.min(calls, drops)
  }

  #open(
    { call: id, certificate }: Extract<SstpCommand, { readonly type: 'connection-opened' }>,
    now: Instant,
  ): void {
    if (this.#calls.has(id)) return
    const settings = checkSettings(this.#options.settings())
    const hashes = { sha1: certificate.sha1.slice(), sha256: certificate.sha256.slice() }
    this.#calls.set(id, new Call(this.#host, id, settings, hashes))
    this.#with(id, call => call.begin(now))
  }

  #with(id: CallId, act: (call: Call) => void): void {
    const call = this.#calls.get(id)
    if (!call) return
    act(call)
    if (this.#calls.has(id)) this.#deadlines.schedule(id, call.nextTimeout())
  }

  #forget(id: CallId): void {
    this.#calls.delete(id)
    this.#deadlines.schedule(id, undefined)
    this.#requests.forget(id)
  }
}
