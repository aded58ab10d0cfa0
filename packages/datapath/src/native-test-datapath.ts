import { setTimeout as sleep } from 'node:timers/promises'
import type { Datapath, DatapathOptions } from './datapath.ts'
import type { FlowId, KeyId } from './ids.ts'

import type { NativeEngine } from './native-addon.ts'
import { createEngine, NativeDatapath, type OpenTun } from './native-datapath.ts'
import { validateDatapathOptions } from './validate.ts'

/** A native datapath whose TUN device is a socket pair, and the host's end of it. For tests. */
export interface NativeTestDatapath {
  readonly datapath: Datapath
  /** Puts an inner packet where the host's kernel would. */
  tunWrite(packet: Uint8Array): void
  /** Inner packets that came out since the last call, cut apart again. */
  tunRead(): Uint8Array[]
  /**
   * Moves the clock of pings, idle times and event pacing, in steps as the timers take them, and
   * resolves when each was looked after.
   */
  advance(milliseconds: number): Promise<void>
  /** Sets the next packet id of a key slot, to test what happens when ids run out. */
  setNextId(flow: FlowId, keyId: KeyId, id: number): void
}

/** Makes one. Errors: as `createNativeDatapath`. */
export function createNativeTestDatapath(options: DatapathOptions): NativeTestDatapath {
  validateDatapathOptions(options)
  const engine = createEngine(options)
  return {
    datapath: new NativeDatapath(engine, openTestTun),
    tunWrite: packet => engine.testTunWrite(packet),
    tunRead: () => engine.testTunRead(),
    advance: milliseconds => advance(engine, milliseconds),
    setNextId: (flow, keyId, id) => engine.setNextId(flow, keyId, id),
  }
}

/** Opens the socket pair where the native datapath opens the kernel's device. */
const openTestTun: OpenTun = (engine, { name }) => {
  engine.openTestTun()
  return name.replace('%d', '0')
}

/** How often the native datapath looks after timers. */
const TIMER_STEP = 250

async function advance(engine: NativeEngine, milliseconds: number): Promise<void> {
  for (let left = milliseconds; left > 0; left -= TIMER_STEP) {
    const rounds = engine.advanceTestClock(Math.min(TIMER_STEP, left))
    // One may have been under way with the time before.
    while (engine.timerRounds() < rounds + 2) {
      engine.advanceTestClock(0)
      await sleep(1)
    }
  }
}
