import { type Datagram, type Engine, type Instant, Outbox } from '@causeway/engine'
import { parseIpAddress } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import { PERFECT_LINK, POOR_LINK } from './lossy-link.ts'
import { Pair, type PairSide } from './pair.ts'
import { PcapngWriter } from './pcapng-writer.ts'
import { SeededRandom } from './seeded-random.ts'

/*
 * A stop-and-wait protocol, small enough to judge the harness by:
 *
 *   sender  --- [number, ...text] -->  receiver
 *           <--------- [number] ----
 *
 * The sender repeats a text every 100 ms until its number comes back.
 */
type Command = { readonly type: 'say'; readonly text: string }
type Output =
  | { readonly type: 'send'; readonly bytes: Uint8Array }
  | { readonly type: 'heard'; readonly text: string }
  | { readonly type: 'done' }

const RETRY = 100

class Talker implements Engine<string, Command, Output> {
  readonly #outbox = new Outbox<Output>()
  readonly #texts: string[] = []
  #number = 0
  #retryAt: Instant | undefined
  #expected = 0
  lastNow: Instant = 0
  paths: string[] = []

  handleDatagram({ path, bytes }: Datagram<string>, now: Instant): void {
    this.#note(now)
    this.paths.push(path)
    if (bytes.length === 1) this.#acknowledged(bytes[0] as number, now)
    else {
      const number = bytes[0] as number
      if (number === this.#expected) {
        this.#expected = (this.#expected + 1) & 0xff
        this.#outbox.put({ type: 'heard', text: new TextDecoder().decode(bytes.subarray(1)) })
      }
      this.#outbox.put({ type: 'send', bytes: Uint8Array.of(number) })
    }
  }

  handleCommand(command: Command, now: Instant): void {
    this.#note(now)
    this.#texts.push(command.text)
    if (this.#texts.length === 1) this.#say(now)
  }

  handleTimeout(now: Instant): void {
    this.#note(now)
    if (this.#retryAt !== undefined && this.#retryAt <= now) this.#say(now)
  }

  poll(): Output | undefined {
    return this.#outbox.take()
  }

  nextTimeout(): Instant | undefined {
    return this.#retryAt
  }

  #acknowledged(number: number, now: Instant): void {
    if (number !== this.#number || this.#texts.length === 0) return
    this.#texts.shift()
    this.#number = (this.#number + 1) & 0xff
    this.#retryAt = undefined
    if (this.#texts.length > 0) this.#say(now)
    else this.#outbox.put({ type: 'done' })
  }

  #say(now: Instant): void {
    const text = new TextEncoder().encode(this.#texts[0])
    this.#outbox.put({ type: 'send', bytes: Uint8Array.of(this.#number, ...text) })
    this.#retryAt = now + RETRY
  }

  #note(now: Instant): void {
    if (now < this.lastNow) throw new Error('time went back')
    this.lastNow = now
  }
}

const TEXTS = Array.from({ length: 30 }, (_, i) => `text ${i}`)

function makePair(seed: number, link = PERFECT_LINK, recording?: PcapngWriter) {
  const heard: string[] = []
  const outcome = { done: false }
  const address = (text: string) => parseIpAddress(text) as NonNullable<ReturnType<typeof parseIpAddress>>
  const side = (path: string, host: string): PairSide<string, Command, Output> => ({
    engine: new Talker(),
    path,
    link,
    endpoint: { address: address(host), port: 1194 },
    handleOutput: (output, { send }) => {
      if (output.type === 'send') send(output.bytes)
      else if (output.type === 'heard') heard.push(output.text)
      else outcome.done = true
    },
  })
  const a = side('to b', '192.0.2.1')
  const b = side('to a', '192.0.2.2')
  const options = { random: new SeededRandom(seed), ...(recording ? { recording } : {}) }
  return { pair: new Pair(a, b, options), heard, outcome, engines: [a.engine, b.engine] as Talker[] }
}

describe('Pair', () => {
  test('carries an exchange over a perfect link in the time that it takes', () => {
    const { pair, heard, outcome, engines } = makePair(1)
    for (const text of TEXTS) pair.a.command({ type: 'say', text })
    expect(pair.run(() => outcome.done, 10_000)).toBe('met')
    expect(heard).toEqual(TEXTS)
    // 30 round trips of 20 ms, and no retry.
    expect(pair.clock.now).toBe(600)
    expect(pair.a.link.counters.sent).toBe(30)
    expect(new Set(engines[1]?.paths)).toEqual(new Set(['to a']))
  })

  test('comes through a poor link with any seed', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { pair, heard, outcome } = makePair(seed, { ...POOR_LINK, corruption: 0 })
      for (const text of TEXTS) pair.a.command({ type: 'say', text })
      expect([seed, pair.run(() => outcome.done, 600_000)]).toEqual([seed, 'met'])
      expect(heard).toEqual(TEXTS)
    }
  })

  test('does exactly the same again with the same seed', () => {
    const trace = (seed: number) => {
      const { pair, outcome } = makePair(seed, { ...POOR_LINK, corruption: 0 })
      for (const text of TEXTS) pair.a.command({ type: 'say', text })
      pair.run(() => outcome.done, 600_000)
      return [pair.clock.now, pair.a.link.counters, pair.b.link.counters]
    }
    expect(trace(11)).toEqual(trace(11))
    expect(trace(11)).not.toEqual(trace(12))
  })

  test('says when time is up, and goes on from there', () => {
    const { pair, heard, outcome } = makePair(1, { ...PERFECT_LINK, loss: 1 })
    pair.a.command({ type: 'say', text: 'anyone?' })
    expect(pair.run(() => outcome.done, 950)).toBe('late')
    expect(pair.clock.now).toBe(950)
    expect(pair.a.link.counters.sent).toBe(10)
    pair.a.link.options = PERFECT_LINK
    pair.b.link.options = PERFECT_LINK
    expect(pair.run(() => outcome.done, 1000)).toBe('met')
    expect(heard).toEqual(['anyone?'])
  })

  test('says when nothing is left to happen', () => {
    const { pair } = makePair(1)
    expect(pair.run(() => false, 1000)).toBe('quiet')
    expect(pair.step()).toBe(false)
    expect(pair.clock.now).toBe(0)
    pair.advance(1000)
    expect(pair.clock.now).toBe(1000)
  })

  test('hands commands over at their time', () => {
    const { pair, heard } = makePair(1)
    pair.a.command({ type: 'say', text: 'later' }, 500)
    pair.advance(499)
    expect(heard).toEqual([])
    pair.advance(20)
    expect(heard).toEqual(['later'])
  })

  test('overwrites borrowed bytes after the call', () => {
    const kept: Uint8Array[] = []
    const silent = () => ({ handleCommand: () => {}, handleTimeout: () => {}, nextTimeout: () => undefined })
    const outputs = [Uint8Array.of(1, 2, 3)]
    const sender: Engine<string, object, Uint8Array> = {
      ...silent(),
      handleDatagram: () => {},
      poll: () => outputs.shift(),
    }
    const keeper: Engine<string, object, never> = {
      ...silent(),
      handleDatagram: ({ bytes }) => kept.push(bytes),
      poll: () => undefined,
    }
    const pair = new Pair(
      { engine: sender, path: '', handleOutput: (bytes: Uint8Array, { send }) => send(bytes) },
      { engine: keeper, path: '', handleOutput: () => {} },
      { random: new SeededRandom(1) },
    )
    pair.a.command({})
    pair.advance(100)
    expect(kept).toEqual([Uint8Array.of(0xdb, 0xdb, 0xdb)])
  })

  test('stops engines whose deadline never moves', () => {
    const stuck: Engine<string, object, never> = {
      handleDatagram: () => {},
      handleCommand: () => {},
      handleTimeout: () => {},
      poll: () => undefined,
      nextTimeout: () => 5,
    }
    const side = { engine: stuck, path: '', handleOutput: () => {} }
    const pair = new Pair(side, side, { random: new SeededRandom(1) })
    expect(() => pair.advance(100)).toThrowError(expect.objectContaining({ code: 'ERR_NETSIM_NO_PROGRESS' }))
  })

  test('records what both sides send', () => {
    const recording = new PcapngWriter()
    const { pair, outcome } = makePair(1, PERFECT_LINK, recording)
    const empty = recording.bytes().length
    pair.a.command({ type: 'say', text: 'hello' })
    pair.run(() => outcome.done, 1000)
    // Two packets: headers of 28 bytes, text of 6 and acknowledgement of 1, filled to multiples of 4.
    expect(recording.bytes().length - empty).toBe(2 * 32 + 36 + 32)
  })
})
