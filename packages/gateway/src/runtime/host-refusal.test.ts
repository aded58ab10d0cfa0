import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HostError } from '../host/host.ts'
import {
  applyConnections,
  connectionOf,
  EAST,
  onlyConnection,
  siteGateway,
  WEST,
} from '../testing/site-pair.suite.ts'
import type { TestGateway } from '../testing/test-gateway.suite.ts'

let gateway: TestGateway
const connection = connectionOf(WEST, EAST)
const other = connectionOf(WEST, EAST, { id: '/connections/other', name: 'other' })

beforeEach(async () => {
  gateway = await siteGateway(WEST, [connection])
})

afterEach(() => gateway.stop())

function refuseTimes(times: number): void {
  const host = vi.spyOn(gateway.host, 'apply')
  for (let i = 0; i < times; i++)
    host.mockRejectedValueOnce(new HostError('ERR_HOST_COMMAND', 'ip: RTNETLINK answers: no'))
}

test('a change that the machine refuses is taken back whole', async () => {
  refuseTimes(1)
  await expect(applyConnections(gateway, [connection, other])).rejects.toMatchObject({
    code: 'ERR_HOST_COMMAND',
  })
  expect(gateway.gateway.connections().map(({ name }) => name)).toEqual([connection.name])
  expect(gateway.host.state?.sites?.remotePrefixes).toHaveLength(1)
  await applyConnections(gateway, [connection, other])
  expect(gateway.gateway.connections()).toHaveLength(2)
})

test('a removal too, also where the machine goes on refusing', async () => {
  refuseTimes(2)
  await expect(applyConnections(gateway, [])).rejects.toThrow('RTNETLINK')
  expect(onlyConnection(gateway).name).toBe(connection.name)
  expect(gateway.messages().join()).toMatch(/the machine could not be brought back/)
})
