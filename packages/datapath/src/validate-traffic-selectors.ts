import { compareIpAddresses, type TrafficSelector } from '@causeway/wire'
import { refuse, requireAddress, requireInteger, requireObject } from './validate.ts'

/** IKE counts the selectors of one side in a byte (RFC 7296 §3.13). */
const MAX_SELECTORS = 255

/** Checks a limit of a flow. Errors, here and below: DatapathError `ERR_DATAPATH_ARGUMENT`. */
export function validateDestinations(destinations: readonly TrafficSelector[] | undefined): void {
  if (destinations !== undefined) validateSelectors('destinations', destinations, 0)
}

/** A list of at least so many selectors. */
export function validateSelectors(name: string, selectors: readonly TrafficSelector[], least: 0 | 1): void {
  if (!Array.isArray(selectors)) refuse(name, 'must be an array')
  if (selectors.length < least || selectors.length > MAX_SELECTORS)
    refuse(name, `must have ${least} to ${MAX_SELECTORS} selectors`)
  for (const selector of selectors) validateSelector(name, selector)
}

function validateSelector(name: string, selector: TrafficSelector): void {
  requireObject(name, selector)
  const { protocol, startPort, endPort, start, end } = selector
  requireInteger(`${name}.protocol`, protocol, 0, 0xff)
  requireInteger(`${name}.startPort`, startPort, 0, 0xffff)
  requireInteger(`${name}.endPort`, endPort, 0, 0xffff)
  if (startPort > endPort) refuse(`${name}.startPort`, 'must not be above endPort')
  requireAddress(`${name}.start`, start)
  requireAddress(`${name}.end`, end)
  if (start.family !== end.family) refuse(`${name}.end`, "must be of start's family")
  if (compareIpAddresses(start, end) > 0) refuse(`${name}.start`, 'must not be above end')
}
