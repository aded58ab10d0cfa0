import type { FuzzTarget } from '../target.ts'
import { armTemplates } from './arm-template.ts'
import { certificateForms } from './certificates.ts'
import { controlPackets } from './control-packets.ts'
import { eap } from './eap.ts'
import { entra } from './entra.ts'
import { espPackets } from './esp.ts'
import { ikev2Payloads } from './ikev2-payloads.ts'
import { ikev2Proposals } from './ikev2-proposals.ts'
import { ikev2Protection } from './ikev2-protection.ts'
import { ikev2Sequences } from './ikev2-sequences.ts'
import { keyMethods } from './key-method.ts'
import { natPackets } from './nat.ts'
import { optionTexts } from './option-texts.ts'
import { pppPackets } from './ppp.ts'
import { pppSequences } from './ppp-sequences.ts'
import { profileTexts } from './profiles.ts'
import { radius } from './radius.ts'
import { radiusClient } from './radius-client.ts'
import { radiusTerms } from './radius-terms.ts'
import { sstp } from './sstp.ts'
import { sstpCalls } from './sstp-calls.ts'
import { tlsRecords } from './tls-records.ts'
import { wraps } from './wraps.ts'

/** Every parser that reads what a stranger wrote. */
export const targets: readonly FuzzTarget[] = [
  controlPackets,
  ...wraps,
  ...keyMethods,
  ...optionTexts,
  ...profileTexts,
  ...certificateForms,
  ...tlsRecords,
  ...espPackets,
  ...natPackets,
  ...eap,
  ...entra,
  ...ikev2Payloads,
  ...ikev2Protection,
  ikev2Proposals,
  ikev2Sequences,
  ...pppPackets,
  pppSequences,
  ...sstp,
  sstpCalls,
  ...radius,
  radiusClient,
  radiusTerms,
  ...armTemplates,
]
