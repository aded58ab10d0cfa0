import { type Datagram, type Engine, type Instant, Outbox } from '@causeway/engine'
import { describe, expect, test } from 'vitest'
import { assertEngineContract, type ContractSubject } from './engine-contract.ts'
import { EngineRecorder, type EngineStep } from './engine-recorder.ts'
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

type Subject = ContractSubject<string, Command, Output>

function subjectOf(create: (seed: number) => Echo, more: Partial<Subject> = {}): Subject {
  const packets = [Uint8Array.of(1, 2, 3, 4)]
  return { create, path: 'path', packets, commands: [{ type: 'shout' }], ...more }
}

/** The rule that an engine breaks. */
function brokenRule(create: (seed: number) => Echo, more?: Partial<Subject>): string {
  try {
    assertEngineContract(subjectOf(create, more))
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

  test('finds an engine that speaks before it is told anything', () => {
    class Talker extends Echo {
      constructor(seed: number) {
        super(seed)
        this.outbox.put({ type: 'send', bytes: new Uint8Array(1) })
      }
    }
    expect(brokenRule(seed => new Talker(seed))).toContain('not at rest')
  })

  test('finds an engine that answers a command about what is not there', () => {
    const strayCommands: Command[] = [{ type: 'shout' }]
    expect(brokenRule(seed => new Echo(seed), { strayCommands })).toContain('stray command')
  })
})

describe('assertEngineContract with a life', () => {
  const MAGIC = Uint8Array.from({ length: 16 }, (_, i) => 255 - i)

  /** Is met with a magic packet and shouted at: what no random packet brings about. */
  function recordLife(): EngineStep<string, Command>[] {
    const recorder = new EngineRecorder<string, Command, Output>(new Echo(1))
    recorder.handleDatagram({ path: 'path', bytes: MAGIC }, 10)
    recorder.handleCommand({ type: 'shout' }, 20)
    recorder.handleTimeout(110)
    return recorder.steps
  }

  /** Keeps the contract until it has met the magic packet. */
  abstract class Sleeper extends Echo {
    awake = false
    override handleDatagram(datagram: Datagram<string>, now: Instant): void {
      super.handleDatagram(datagram, now)
      this.awake ||=
        datagram.bytes.length === MAGIC.length && datagram.bytes.every((byte, i) => byte === MAGIC[i])
      if (this.awake) this.wake(datagram)
    }
    wake(_datagram: Datagram<string>): void {}
  }

  class Keeper extends Sleeper {
    override wake({ bytes }: Datagram<string>): void {
      this.last = bytes
    }
  }
  class Sharer extends Sleeper {
    override handleCommand(): void {
      this.outbox.put({ type: 'send', bytes: this.awake ? this.last : this.last.slice() })
    }
  }
  class Thrower extends Sleeper {
    override handleCommand(): void {
      if (this.awake) throw new Error('not now')
      super.handleCommand()
    }
  }
  class Counter extends Sleeper {
    wakes = 0
    override handleTimeout(now: Instant): void {
      if (this.awake) this.last = Uint8Array.of(this.wakes++)
      super.handleTimeout(now)
    }
  }
  class Stuck extends Sleeper {
    override handleTimeout(now: Instant): void {
      if (!this.awake) super.handleTimeout(now)
    }
  }

  test('passes an engine that keeps it', () => {
    expect(brokenRule(seed => new Echo(seed), { life: recordLife() })).toBe('none')
  })

  test.each([
    ['keeps input bytes', Keeper, 'input bytes'],
    ['gives its own bytes away', Sharer, 'output bytes'],
    ['throws', Thrower, 'a command makes it throw'],
    ['takes note of a spurious timeout', Counter, 'a spurious timeout makes a difference'],
    ['does not move its deadline', Stuck, 'does not move'],
  ] as const)('finds an engine that only in the middle of its life %s', (_, Broken, rule) => {
    const create = (seed: number) => new Broken(seed)
    expect(brokenRule(create)).toBe('none')
    expect(brokenRule(create, { life: recordLife() })).toContain(rule)
  })
})
