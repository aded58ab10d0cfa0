import { describe, expect, it } from 'vitest'
import { FailurePace } from './failure-pace.ts'

const CLIENT = { clientId: 'A', source: '192.0.2.1' }

/** Seconds to wait after each of `count` failures, each as soon as it may be. */
function waits(
  pace: FailurePace,
  count: number,
  client: (at: number) => typeof CLIENT = () => CLIENT,
): number[] {
  let now = 0
  return Array.from({ length: count }, (_, at) => {
    now += pace.wait(client(at), now)
    pace.begin(client(at), now)
    pace.fail(client(at), now)
    return pace.wait(client(at), now)
  })
}

describe('the pace of failures', () => {
  it('doubles up to a minute for one client at one source', () => {
    expect(waits(new FailurePace(), 14)).toEqual([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60])
  })

  it('is up to ten seconds for a source with ever other clients', () => {
    const other = (at: number) => ({ ...CLIENT, clientId: String(at) })
    expect(waits(new FailurePace(), 36, other).slice(28)).toEqual([0, 0, 1, 2, 4, 8, 10, 10])
  })

  it('forgets after ten minutes', () => {
    const pace = new FailurePace()
    waits(pace, 8)
    expect(pace.wait(CLIENT, 1_000)).toBe(0)
    pace.fail(CLIENT, 1_000)
    expect(pace.wait(CLIENT, 1_000)).toBe(0)
  })

  it('forgives at once who is right', () => {
    const pace = new FailurePace()
    waits(pace, 8)
    expect(pace.wait(CLIENT, 3)).toBe(4)
    pace.succeed({ ...CLIENT, clientId: 'a' })
    expect(pace.wait(CLIENT, 3)).toBe(0)
  })

  it('lets one at a time through of those with too many failures, and any number of others', () => {
    const pace = new FailurePace()
    for (let i = 0; i < 100; i++) pace.begin(CLIENT, 0)
    expect(pace.wait(CLIENT, 0)).toBe(0)
    waits(pace, 7)
    pace.begin(CLIENT, 100)
    expect(pace.wait(CLIENT, 100)).toBe(2)
    expect(pace.wait({ ...CLIENT, source: '192.0.2.2' }, 100)).toBe(0)
  })

  it('holds a bounded number', () => {
    const pace = new FailurePace()
    waits(pace, 8)
    for (let i = 0; i < 10_000; i++) pace.fail({ clientId: 'x', source: `s${i}` }, 3)
    expect(pace.wait(CLIENT, 3)).toBe(0)
    expect(pace.wait({ clientId: 'x', source: 's9999' }, 3)).toBe(0)
  })
})
