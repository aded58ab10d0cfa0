import { afterAll, beforeAll } from 'vitest'
import type { Guest } from '../guest/guest.ts'
import { GUEST_BUILD_LIMIT_MS } from '../guest/guest-on-line.ts'
import { describeDevice } from './device-cases.ts'
import { bootDevice } from './guest-device.ts'
import { GuestStrongswanDevice } from './guest-strongswan-device.ts'
import { OpenIkedDevice } from './openiked-device.ts'
import { openSites, type SitesScenario, siteAt } from './scenario.ts'

// Devices whose ESP is the kernel's, in a Linux of their own.

let scenario: SitesScenario
let guest: Guest

beforeAll(async () => {
  // OpenIKED has nothing better than SHA-1 for ESP here.
  const settings = { sites: { allowWeakIpsec: true } }
  scenario = await openSites({ sites: [{ isGuest: true }], hasVault: true, settings })
  guest = await bootDevice(siteAt(scenario, 0))
}, GUEST_BUILD_LIMIT_MS)

afterAll(async () => {
  await guest?.stop()
  await scenario?.close()
})

describeDevice(() => scenario, {
  name: 'strongSwan with kernel ESP',
  site: () => siteAt(scenario, 0),
  start: options => GuestStrongswanDevice.start(guest, options),
  hasChains: true,
  families: [4, 6],
})

describeDevice(() => scenario, {
  name: 'OpenIKED',
  site: () => siteAt(scenario, 0),
  start: (options, _proof, role) =>
    OpenIkedDevice.start(guest, options, { begins: role === 'initiator', proposals: OPENIKED_PROPOSALS }),
  hasChains: false,
  families: [4],
})

// It tells the kernel of its SAs by PF_KEY, which on Linux knows no combined ciphers.
const OPENIKED_PROPOSALS = [
  'ikesa enc aes-256 prf hmac-sha2-256 auth hmac-sha2-256 group modp2048',
  'childsa enc aes-256 auth hmac-sha1',
]
