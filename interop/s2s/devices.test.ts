import { afterAll, beforeAll } from 'vitest'
import { describeDevice } from './device-cases.ts'
import { openSites, type SitesScenario, siteAt } from './scenario.ts'
import { StrongswanDevice } from './strongswan-device.ts'

// strongSwan with ESP in user space as the device of a site.

let scenario: SitesScenario

beforeAll(async () => {
  scenario = await openSites({ sites: [{}], hasVault: true })
})

afterAll(() => scenario?.close())

describeDevice(() => scenario, {
  name: 'strongSwan',
  site: () => siteAt(scenario, 0),
  start: options => StrongswanDevice.start(options),
  hasChains: true,
  families: [4, 6],
})
