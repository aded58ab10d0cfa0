import type { Samples, Target } from '../report.ts'
import type { Attack } from './attack.ts'
import type { SignInRate } from './sign-ins.ts'

interface RateResult {
  readonly server: 'causeway' | 'openvpn'
  readonly rate: SignInRate
}

/** All rounds, in the order in which they ran. */
export interface Results {
  /** By RADIUS. */
  readonly rates: RateResult[]
  readonly validations: number[]
  readonly tokenRates: SignInRate[]
  readonly attacks: Attack[]
}

/** What Causeway is held to. */
const TARGETS = {
  p99: { of: 'ratio', relation: '<=', bound: 2 },
  honest: { of: 'causeway', relation: '>=', bound: 100 },
  heapGrowth: { of: 'causeway', relation: '<=', bound: 2 },
} as const satisfies Record<string, Target>

/** The rows of everything that was measured. */
export function samplesOf(results: Results): Samples[] {
  return [...rateSamples(results), ...tokenSamples(results), ...attackSamples(results)]
}

function rateSamples({ rates }: Results): Samples[] {
  if (rates.length === 0) return []
  const row = (measure: string, pick: (rate: SignInRate) => number): Samples => {
    const of = (server: RateResult['server']): number[] =>
      rates.filter(result => result.server === server).map(({ rate }) => pick(rate))
    return { measure, unit: '1/s', causeway: of('causeway'), peer: of('openvpn') }
  }
  return [
    row('OpenVPN sign-ins by RADIUS (PAP, a responder of ours)', rate => rate.perSecond),
    row('the same for each CPU-second of the server', rate => rate.perCpuSecond),
  ]
}

function tokenSamples({ validations, tokenRates }: Results): Samples[] {
  if (tokenRates.length === 0) return []
  const own = (measure: string, causeway: number[]): Samples => ({ measure, unit: '1/s', causeway, peer: [] })
  return [
    own('tokens judged (RS256, keys at hand)', validations),
    own(
      'OpenVPN sign-ins by token',
      tokenRates.map(rate => rate.perSecond),
    ),
    own(
      'the same for each CPU-second of the server',
      tokenRates.map(rate => rate.perCpuSecond),
    ),
  ]
}

/** In the rows of honest users the peer is Causeway itself, without the attack. */
function attackSamples({ attacks }: Results): Samples[] {
  if (attacks.length === 0) return []
  const own = (measure: string, unit: string, pick: (attack: Attack) => number, target?: Target): Samples => {
    return {
      measure: `attack: ${measure}`,
      unit,
      causeway: attacks.map(pick),
      peer: [],
      ...(target && { target }),
    }
  }
  const beside = (measure: string, of: 'median' | 'p99', target?: Target): Samples => ({
    ...own(`honest users, ${measure} (beside it: without)`, 'ms', ({ attacked }) => attacked[of], target),
    peer: attacks.map(({ quiet }) => quiet[of]),
  })
  return [
    beside('median', 'median'),
    beside('p99', 'p99', TARGETS.p99),
    own('honest users that came in', '%', attack => attack.inPercent, TARGETS.honest),
    own('wrong passwords', '', attack => attack.attempts),
    own('RADIUS requests for them', '', attack => attack.requests),
    own('CPU of the gateway, honest users included', '%', attack => attack.cpuPercent),
    own('lines about refusals in its log', '', attack => attack.lines),
    own('heap before', 'MB', ({ before }) => before.heap),
    own('heap during', 'MB', ({ during }) => during.heap),
    own('heap after', 'MB', ({ after }) => after.heap),
    own('heap grown', 'MB', ({ before, after }) => after.heap - before.heap, TARGETS.heapGrowth),
    own('resident before', 'MB', ({ before }) => before.resident),
    own('resident during', 'MB', ({ during }) => during.resident),
    own('resident after', 'MB', ({ after }) => after.resident),
  ]
}
