import type { CryptoPort } from '@causeway/crypto'
import type { Instant } from '@causeway/engine'
import { sealDigestRequest } from '../protection/seal.ts'
import type { RadiusAttribute } from '../wire/attribute.ts'
import { type NamedAttribute, TERMINATE_CAUSES, VALUES } from '../wire/attribute-names.ts'
import { encodeAttribute } from '../wire/attribute-values.ts'
import { CODES } from '../wire/code.ts'
import { AUTHENTICATOR_OFFSET, HEADER_BYTES } from '../wire/packet.ts'
import type { AnswerTerms } from './access-answer.ts'
import type { AccountingCommand, AccountingCounters, AccountingRecord } from './client-command.ts'
import type { RadiusAnswer } from './client-output.ts'
import { encodeAll } from './encode-all.ts'
import type { Addressee, RequestPlan, WrittenRequest } from './request-plan.ts'

const ANSWER_CODES = new Set<number>([CODES.ACCOUNTING_RESPONSE])

type PlanCrypto = Pick<CryptoPort, 'hash' | 'hmac'>

/** When a record was handed over, by both clocks. */
export interface RecordTime {
  readonly now: Instant
  readonly unixSeconds: number
}

/** Plans an Accounting-Request; a text says what of it does not fit. */
export function planAccounting(
  crypto: PlanCrypto,
  { record, attributes }: AccountingCommand,
  { now, unixSeconds }: RecordTime,
): RequestPlan | string {
  const ageSeconds = Math.max(0, Math.floor(record.ageSeconds ?? 0))
  const encoded = encodeAll([
    ...recordAttributes(record),
    { name: 'Event-Timestamp', value: unixSeconds - ageSeconds },
    ...attributes,
  ])
  return typeof encoded === 'string' ? encoded : new AccountingPlan(crypto, encoded, now - ageSeconds * 1000)
}

/**
 * A record of a session as attributes. Counters are of 64 bits: what 32 do not hold goes into gigawords
 * (RFC 2869 §5.1, §5.2).
 */
export function recordAttributes(record: AccountingRecord): NamedAttribute[] {
  const list: NamedAttribute[] = [
    { name: 'Acct-Status-Type', value: VALUES.acctStatusType[record.status] },
    { name: 'Acct-Session-Id', value: record.sessionId },
  ]
  const { multiSessionId, userName, terminateCause, sessionSeconds, counters } = record
  if (multiSessionId !== undefined) list.push({ name: 'Acct-Multi-Session-Id', value: multiSessionId })
  if (userName !== undefined) list.push({ name: 'User-Name', value: userName })
  for (const value of record.classes ?? []) list.push({ name: 'Class', value })
  for (const value of record.addresses ?? [])
    list.push({ name: value.family === 4 ? 'Framed-IP-Address' : 'Framed-IPv6-Address', value })
  for (const value of record.ipv6Prefixes ?? []) list.push({ name: 'Framed-IPv6-Prefix', value })
  if (counters) list.push(...counterAttributes(counters))
  if (sessionSeconds !== undefined)
    list.push({ name: 'Acct-Session-Time', value: Math.floor(sessionSeconds) })
  if (terminateCause) list.push({ name: 'Acct-Terminate-Cause', value: TERMINATE_CAUSES[terminateCause] })
  return list
}

class AccountingPlan implements RequestPlan {
  readonly purpose = 'accounting'
  readonly answerCodes: ReadonlySet<number> = ANSWER_CODES
  readonly protection = 'none'
  readonly #crypto: PlanCrypto
  readonly #attributes: readonly RadiusAttribute[]
  readonly #since: Instant

  constructor(crypto: PlanCrypto, attributes: readonly RadiusAttribute[], since: Instant) {
    this.#crypto = crypto
    this.#attributes = attributes
    this.#since = since
  }

  /** Acct-Delay-Time: with it changes the packet, and so its identifier must (RFC 2866 §5.2). */
  version(now: Instant): number {
    return Math.max(0, Math.floor((now - this.#since) / 1000))
  }

  write({ secret, own }: Addressee, identifier: number, now: Instant): WrittenRequest {
    const delay = encodeAttribute({ name: 'Acct-Delay-Time', value: this.version(now) })
    const attributes = [...this.#attributes, ...own, ...delay]
    const body = { code: CODES.ACCOUNTING_REQUEST, identifier, attributes }
    const bytes = sealDigestRequest(this.#crypto, secret, body)
    return { bytes, authenticator: bytes.slice(AUTHENTICATOR_OFFSET, HEADER_BYTES) }
  }

  read({ server }: AnswerTerms): RadiusAnswer {
    return { type: 'recorded', server }
  }

  discard(): void {
    // A record holds no secret.
  }
}

function counterAttributes(counters: AccountingCounters): NamedAttribute[] {
  const low = (value: bigint) => Number(value & 0xffff_ffffn)
  const high = (value: bigint) => Number((value >> 32n) & 0xffff_ffffn)
  return [
    { name: 'Acct-Input-Octets', value: low(counters.inputOctets) },
    { name: 'Acct-Input-Gigawords', value: high(counters.inputOctets) },
    { name: 'Acct-Output-Octets', value: low(counters.outputOctets) },
    { name: 'Acct-Output-Gigawords', value: high(counters.outputOctets) },
    { name: 'Acct-Input-Packets', value: low(counters.inputPackets) },
    { name: 'Acct-Output-Packets', value: low(counters.outputPackets) },
  ]
}
