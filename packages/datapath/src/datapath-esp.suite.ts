import { describe } from 'vitest'
import { describeEspFormats } from './datapath-esp-formats.suite.ts'
import { describeEspKeys } from './datapath-esp-keys.suite.ts'
import { describeEspMisuse } from './datapath-esp-misuse.suite.ts'
import { describeEspMtu } from './datapath-esp-mtu.suite.ts'
import { describeEspReception } from './datapath-esp-reception.suite.ts'
import { describeEspSelectors } from './datapath-esp-selectors.suite.ts'
import type { Harness } from './datapath-fixture.suite.ts'

/**
 * ESP, as part of the one suite. What it fixes beyond the interface's words: each fragment that goes out is
 * a packet to the counters and limits; a dummy packet (next header 59) is authentic traffic but counts as
 * no packet received; limits count what was opened or sealed, also if it is then refused.
 */
export function describeEsp(harness: Harness): void {
  describe('formats', () => describeEspFormats(harness))
  describe('reception', () => describeEspReception(harness))
  describe('keys', () => describeEspKeys(harness))
  describe('selectors', () => describeEspSelectors(harness))
  describe('path MTU', () => describeEspMtu(harness))
  describe('misuse', () => describeEspMisuse(harness))
}
