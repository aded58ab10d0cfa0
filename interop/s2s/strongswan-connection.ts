import { certificateFile, type StrongswanConfiguration } from '../harness/strongswan.ts'
import type { Sections } from '../harness/swanctl.ts'
import { type DeviceOptions, type DeviceProof, type DeviceSelectors, selectorsOf } from './device.ts'

/** The name of the only connection, and how those of its Child SAs begin. */
export const CONNECTION = 'gateway'
export const CHILD = 'inside'

/** Further settings of strongSwan's own. */
export interface StrongswanExtras {
  readonly connection?: Sections
  readonly child?: Sections
  readonly daemon?: Sections
}

/** A device that gives up on a silent gateway after about six seconds, instead of three minutes. */
const IMPATIENT: Sections = { retransmit_timeout: '0.5', retransmit_base: '1.5', retransmit_tries: '4' }

/** strongSwan as the device of a site, in user space or not. */
export function siteConfiguration(
  options: DeviceOptions,
  extras: StrongswanExtras = {},
): Required<Pick<StrongswanConfiguration, 'swanctl' | 'daemon' | 'credentials' | 'authorities'>> {
  const { proof } = options
  return {
    swanctl: {
      connections: { [CONNECTION]: siteConnection(options, extras) },
      ...(proof.type === 'psk' ? { secrets: { 'ike-gateway': { secret: `"${proof.secret}"` } } } : {}),
    },
    daemon: { ...IMPATIENT, ...extras.daemon },
    credentials: proof.type === 'certificate' ? [proof.credential] : [],
    authorities: proof.type === 'certificate' ? [...proof.trusts, ...(proof.intermediates ?? [])] : [],
  }
}

/** Names of the Child SAs of a device. */
export function childNames(options: DeviceOptions): readonly string[] {
  return selectorsOf(options).map((_, at) => `${CHILD}${at}`)
}

/** One connection of `swanctl.conf`. */
export function siteConnection(options: DeviceOptions, extras: StrongswanExtras = {}): Sections {
  const { gateway, proof, ike, esp, dpdSeconds, selectors } = options
  const child = (pair: DeviceSelectors): Sections => ({
    local_ts: pair.local,
    remote_ts: pair.remote,
    ...(esp === undefined ? {} : { esp_proposals: esp }),
    ...(dpdSeconds === undefined ? {} : { dpd_action: 'restart' }),
    ...extras.child,
  })
  const pairs = selectorsOf({ site: options.site, ...(selectors && { selectors }) })
  return {
    version: '2',
    remote_addrs: gateway,
    ...(ike === undefined ? {} : { proposals: ike }),
    ...(dpdSeconds === undefined ? {} : { dpd_delay: `${dpdSeconds}s` }),
    keyingtries: '1',
    ...ends(proof, options),
    children: Object.fromEntries(pairs.map((pair, at) => [`${CHILD}${at}`, child(pair)])),
    ...extras.connection,
  }
}

function ends(proof: DeviceProof, { site }: DeviceOptions): Sections {
  const { identity, gatewayIdentity } = proof
  if (proof.type === 'psk')
    return {
      local: { auth: 'psk', id: identity ?? site.publicAddress },
      remote: { auth: 'psk', id: gatewayIdentity },
    }
  return {
    send_cert: 'always',
    local: {
      auth: 'pubkey',
      certs: certificateFile(proof.credential.commonName),
      ...(identity === undefined ? {} : { id: identity }),
    },
    remote: { auth: 'pubkey', id: `"${gatewayIdentity}"` },
  }
}
