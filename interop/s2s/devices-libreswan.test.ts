import { afterAll, beforeAll } from 'vitest'
import type { Guest } from '../guest/guest.ts'
import { GUEST_BUILD_LIMIT_MS } from '../guest/guest-on-line.ts'
import { describeDevice } from './device-cases.ts'
import { bootDevice } from './guest-device.ts'
import { LibreswanDevice } from './libreswan-device.ts'
import { openSites, type SitesScenario, siteAt } from './scenario.ts'

// libreswan with the kernel's ESP, in a Linux of its own.

let scenario: SitesScenario
let guest: Guest

beforeAll(async () => {
  scenario = await openSites({ sites: [{ isGuest: true }], hasVault: true })
  guest = await bootDevice(siteAt(scenario, 0))
}, GUEST_BUILD_LIMIT_MS)

afterAll(async () => {
  await guest?.stop()
  await scenario?.close()
})

describeDevice(() => scenario, {
  name: 'libreswan',
  site: () => siteAt(scenario, 0),
  start: (options, { certificates }) =>
    LibreswanDevice.start(guest, options, certificates?.device.key === 'ecp-256' ? ['authby=ecdsa'] : []),
  hasChains: true,
  families: [4],
})
