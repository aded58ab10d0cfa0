import { afterEach, beforeEach, describe } from 'vitest'
import { describeEsp } from './datapath-esp.suite.ts'
import type { DatapathFactory, DatapathFixture, Harness } from './datapath-fixture.suite.ts'
import { describeFormats } from './datapath-formats.suite.ts'
import { describeKeys } from './datapath-keys.suite.ts'
import { describeMisuse } from './datapath-misuse.suite.ts'
import { describeNat } from './datapath-nat.suite.ts'
import { describeHostileNat } from './datapath-nat-hostile.suite.ts'
import { describeNatMisuse } from './datapath-nat-misuse.suite.ts'
import { describeReach } from './datapath-reach.suite.ts'
import { describeReception } from './datapath-reception.suite.ts'
import { describeRouting } from './datapath-routing.suite.ts'
import { describeSites } from './datapath-sites.suite.ts'
import { describeSstp } from './datapath-sstp.suite.ts'
import { describeStreams } from './datapath-streams.suite.ts'
import { describeThroughput } from './datapath-throughput.suite.ts'
import { describeTimers } from './datapath-timers.suite.ts'

export type { DatapathFactory, DatapathFixture, UdpPeer } from './datapath-fixture.suite.ts'

/**
 * The one suite that every datapath passes.
 *
 * What it fixes beyond the interface's words: counters of packets and bytes count inner IP packets
 * that went on (to the host, to another flow, onto the path), not pings or in-band payloads. A
 * packet for a key slot that is not installed counts as `unknownFlow`. Replacing a slot that is
 * selected keeps it selected. Removing a route that is not there does nothing. A limit counts
 * both directions together.
 */
export function describeDatapath(name: string, factory: DatapathFactory): void {
  describe(name, () => {
    let fixture: DatapathFixture | undefined
    const harness: Harness = {
      get fixture() {
        if (!fixture) throw new Error('no test is running')
        return fixture
      },
    }
    beforeEach(async () => {
      fixture = await factory()
    })
    afterEach(async () => {
      await fixture?.close()
      fixture = undefined
    })
    describe('formats', () => describeFormats(harness))
    describe('reception', () => describeReception(harness))
    describe('routing', () => describeRouting(harness))
    describe('sites', () => describeSites(harness))
    describe('keys', () => describeKeys(harness))
    describe('timers', () => describeTimers(harness))
    describe('streams', () => describeStreams(harness))
    describe('misuse', () => describeMisuse(harness))
    describe('ESP', () => describeEsp(harness))
    describe('SSTP', () => describeSstp(harness))
    describe('NAT', () => {
      describeNat(harness)
      describeHostileNat(harness)
      describeNatMisuse(harness)
    })
    describe('reach', () => describeReach(harness))
    describe('throughput', () => describeThroughput(harness))
  })
}
