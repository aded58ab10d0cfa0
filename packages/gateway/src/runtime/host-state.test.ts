import { expect, test } from 'vitest'
import type { TunnelType } from '../authentication/identity.ts'
import { deviceMtu } from './host-state.ts'

test('the device is as large as the largest tunnel that is on', () => {
  const mtus = { openvpn: { tunnelMtu: 1_400 }, ikev2: { tunnelMtu: 1_300 }, sstp: { tunnelMtu: 1_500 } }
  const mtuOf = (...tunnels: TunnelType[]) => deviceMtu({ ...mtus, tunnels: new Set(tunnels) })
  expect(mtuOf('SSTP')).toBe(1_500)
  expect(mtuOf('IkeV2')).toBe(1_300)
  expect(mtuOf('OpenVPN', 'IkeV2')).toBe(1_400)
  expect(mtuOf('OpenVPN', 'IkeV2', 'SSTP')).toBe(1_500)
})
