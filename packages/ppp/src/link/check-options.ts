import { utf8Bytes } from '@causeway/wire'
import { MRU_RANGE, NAME_BYTES } from '../limits.ts'
import type { PppOptions, PppServerOptions } from '../link-options.ts'
import { PppError } from '../ppp-error.ts'

/** More Configure-Requests than that are no patience but a mistake; identifiers of PAP must not come round. */
const MOST_REPEATS = 100

/** Errors: `ERR_PPP_OPTIONS` when no link can be made of these options. */
export function checkOptions(options: PppOptions): void {
  const { mru, authentication, maxConfigure, maxFailure } = options
  require(isWithin(mru, MRU_RANGE.least, MRU_RANGE.most), `mru: ${MRU_RANGE.least} to ${MRU_RANGE.most}`)
  require(authentication.length > 0, 'authentication: at least one method')
  require(new Set(authentication).size === authentication.length, 'authentication: each method once')
  require(isWithin(maxConfigure, 1, MOST_REPEATS), `maxConfigure: 1 to ${MOST_REPEATS}`)
  require(isWithin(maxFailure, 1, MOST_REPEATS), `maxFailure: 1 to ${MOST_REPEATS}`)
  require(isWithin(options.echoFailures, 1, MOST_REPEATS), `echoFailures: 1 to ${MOST_REPEATS}`)
  require(options.restartMilliseconds > 0, 'restartMilliseconds: above 0')
  require(options.authenticationMilliseconds > 0, 'authenticationMilliseconds: above 0')
  require(options.networkMilliseconds > 0, 'networkMilliseconds: above 0')
  require(options.echoMilliseconds >= 0 && options.eapRepeatMilliseconds >= 0, 'intervals: 0 or more')
  if (options.role === 'client') require(options.ipv4 || options.ipv6, 'ipv4, ipv6 or both')
  else checkServer(options)
}

function checkServer({ name, patienceMilliseconds = 0 }: PppServerOptions): void {
  require(utf8Bytes(name).length <= NAME_BYTES, `name: ${NAME_BYTES} bytes`)
  require(patienceMilliseconds >= 0, 'patienceMilliseconds: 0 or more')
}

function require(holds: boolean, what: string): void {
  if (!holds) throw new PppError('ERR_PPP_OPTIONS', `a PPP link needs ${what}`)
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}
