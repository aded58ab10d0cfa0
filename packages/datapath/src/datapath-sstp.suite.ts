import { describe } from 'vitest'
import type { Harness } from './datapath-fixture.suite.ts'
import { describeSstpFloods } from './datapath-sstp-floods.suite.ts'
import { describeSstpFraming } from './datapath-sstp-framing.suite.ts'
import { describeSstpLifetimes } from './datapath-sstp-lifetimes.suite.ts'
import { describeSstpMisuse } from './datapath-sstp-misuse.suite.ts'
import { describeSstpReception } from './datapath-sstp-reception.suite.ts'
import { describeSstpSending } from './datapath-sstp-sending.suite.ts'
import { describeSstpTls } from './datapath-sstp-tls.suite.ts'
import { describeSstpTlsEnds } from './datapath-sstp-tls-ends.suite.ts'

/**
 * SSTP, as part of the one suite. What it fixes beyond the interface's words: reserved bits of a header mean
 * nothing; a data packet with too little for a PPP protocol is a control packet; what a frame of IP holds that is
 * no packet of its version counts as `refused`; each fragment that goes out is a packet to the counters; an
 * ended stream goes on receiving.
 */
export function describeSstp(harness: Harness): void {
  describe('framing', () => describeSstpFraming(harness))
  describe('reception', () => describeSstpReception(harness))
  describe('sending', () => describeSstpSending(harness))
  describe('floods', () => describeSstpFloods(harness))
  describe('lifetimes', () => describeSstpLifetimes(harness))
  describe('TLS', () => describeSstpTls(harness))
  describe('ends of TLS', () => describeSstpTlsEnds(harness))
  describe('misuse', () => describeSstpMisuse(harness))
}
