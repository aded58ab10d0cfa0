import { type Datagram, type Engine, type Instant, Outbox } from '@causeway/engine'
import { describe, expect, test } from 'vitest'
import { assertEngineContract, type ContractSubject } from './engine-contract.ts'
import { SeededRandom } from './seeded-random.ts'

type Command = { readonly type: 'shout' }
type Output = { readonly type: 'send'; readonly bytes: Uint8Array }

/** Echoes each packet at once and, 100 ms after the last, once more with a random byte. */
class Echo implements Engine<string, Command, Output> {
  readonly outbox = new Outbox<Output>()
  readonly random: SeededRandom
  last: Uint8Array = new Uint8Array(0)
  deadline: Instant | undefined

  constructor(seed: number) {
    this.random = new SeededRandom(seed)
  }

  handleDatagram({ bytes }: Datagram<string>, now: Instant): void {
    this.last = bytes.slice()
    this.outbox.put({ type: 'send', bytes: bytes.slice() })
    this.deadline = now + 100
  }

  handleCommand(): void {
    this.outbox.put({ type: 'send', bytes: this.last.slice() })
  }

  handleTimeout(now: Instant): void {
    if (this.deadline === undefined || this.deadline > now) return
    this.deadline = undefined
    this.outbox.put({ type: 'send', bytes: Uint8Array.of(...this.last, this.random.integer(256)) })
  }

  poll(): Output | undefined {
    return this.outbox.take()
  }

  nextTimeout(): Instant | undefined {
    return this.deadline
  }
}

function subjectOf(create: (seed: number) => Echo): ContractSubject<string, Command, Output> {
  return { create, path: 'path', packets: [Uint8Array.of(1, 2, 3, 4)], commands: [{ type: 'shout' }] }
}

/** The rule that an engine breaks. */
function brokenRule(create: (seed: number) => Echo): string {
  try {
    assertEngineContract(subjectOf(create))
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_ENGINE_CONTRACT' })
    return (error as Error).message
  }
  return 'none'
}

describe('assertEngineContract', () => {
  test('passes an engine that keeps it, with any seed', () => {
    for (let seed = 0; seed < 5; seed++)
      assertEngineContract(
        subjectOf(s => new Echo(s)),
        seed,
      )
  })

  test('finds an engine that throws on a short packet', () => {
    class Thrower extends Echo {
      override handleDatagram(datagram: Datagram<string>, now: Instant): void {
        if (datagram.bytes.length === 3) throw new RangeError('short')
        super.handleDatagram(datagram, now)
      }
    }
    expect(brokenRule(seed => new Thrower(seed))).toContain('a packet makes it throw')
  })

  test('finds an engine that throws on a command', () => {
    class Thrower extends Echo {
      override handleCommand(): void {
        throw new Error('not now')
      }
    }
    expect(brokenRule(seed => new Thrower(seed))).toContain('a command makes it throw')
  })

  test('finds an engine that acts on a spurious timeout', () => {
    class Eager extends Echo {
      override handleTimeout(): void {
        this.outbox.put({ type: 'send', bytes: this.last.slice() })
        this.deadline = undefined
      }
    }
    expect(brokenRule(seed => new Eager(seed))).toContain('spurious')
  })

  test('finds a deadline that does not move', () => {
    class Stuck extends Echo {
      override handleTimeout(): void {}
    }
    expect(brokenRule(seed => new Stuck(seed))).toContain('does not move')
  })

  test('finds an engine with randomness of its own', () => {
    let calls = 0
    class Whimsical extends Echo {
      override handleCommand(): void {
        this.outbox.put({ type: 'send', bytes: Uint8Array.of(calls++) })
      }
    }
    expect(brokenRule(seed => new Whimsical(seed))).toContain('other outputs')
  })

  test('finds an engine that keeps input bytes', () => {
    class Keeper extends Echo {
      override handleDatagram(datagram: Datagram<string>, now: Instant): void {
        super.handleDatagram(datagram, now)
        this.last = datagram.bytes
      }
    }
    expect(brokenRule(seed => new Keeper(seed))).toContain('input bytes')
  })

  test('finds an engine that gives its own bytes away', () => {
    class Sharer extends Echo {
      override handleCommand(): void {
        this.outbox.put({ type: 'send', bytes: this.last })
      }
    }
    expect(brokenRule(seed => new Sharer(seed))).toContain('output bytes')
  })

  test('finds a queue without an end', () => {
    class Endless extends Echo {
      override poll(): Output {
        return { type: 'send', bytes: this.last.slice() }
      }
    }
    expect(brokenRule(seed => new Endless(seed))).toContain('no end')
  })
})
