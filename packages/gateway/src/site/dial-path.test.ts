import { parseIpAddress } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import type { OpenPort } from '../listener/open-port.ts'
import { dialPath, type MachineAddresses, systemAddresses } from './dial-path.ts'

function at(text: string) {
  const address = parseIpAddress(text)
  if (!address) throw new Error(`${text} is no address`)
  return address
}

const PEER = at('198.51.100.1')

/** A machine with these addresses; the route to everything leaves from the first. */
function machine(...texts: readonly string[]): MachineAddresses {
  const own = texts.map(at)
  return {
    localTo: () => Promise.resolve(own[0]),
    has: address => own.some(other => String(other.bytes) === String(address.bytes)),
  }
}

function ports(...texts: readonly string[]): { openPorts(): readonly OpenPort[] } {
  const open = texts.flatMap((text, i): OpenPort[] => [
    { transport: 'udp', service: 'ike', port: 10 * i, local: { address: at(text), port: 500 } },
    { transport: 'udp', service: 'ike-esp', port: 10 * i + 1, local: { address: at(text), port: 4_500 } },
  ])
  return { openPorts: () => open }
}

describe('the way to a peer', () => {
  test('leaves from the address of the route, where the ports are bound to none', async () => {
    const way = await dialPath(PEER, undefined, ports('0.0.0.0', '::'), machine('192.0.2.1'))
    expect(way).toEqual({
      path: {
        port: 0,
        local: { address: at('192.0.2.1'), port: 500 },
        remote: { address: PEER, port: 500 },
        encapsulated: false,
      },
      encapsulatedPath: {
        port: 1,
        local: { address: at('192.0.2.1'), port: 4_500 },
        remote: { address: PEER, port: 4_500 },
        encapsulated: true,
      },
    })
  })

  test.each([
    ['our public address, where it is the machine’s', '192.0.2.9', '192.0.2.9'],
    ['that of the route, where a NAT has the public one', '203.0.113.1', '192.0.2.1'],
  ])('leaves from %s', async (_, publicAddress, local) => {
    const addresses = machine('192.0.2.1', '192.0.2.9')
    const way = await dialPath(PEER, at(publicAddress), ports('0.0.0.0'), addresses)
    expect(way).toMatchObject({ path: { local: { address: at(local) } } })
  })

  test('leaves from the port that is bound to it', async () => {
    const bound = ports('192.0.2.1', '192.0.2.9')
    const way = await dialPath(PEER, at('192.0.2.9'), bound, machine('192.0.2.1', '192.0.2.9'))
    expect(way).toMatchObject({ path: { port: 10 }, encapsulatedPath: { port: 11 } })
  })

  test('is none without a port, or without a route', async () => {
    expect(await dialPath(PEER, undefined, ports(), machine('192.0.2.1'))).toMatch(
      /listens on no IKE port of IPv4/,
    )
    expect(await dialPath(PEER, undefined, ports('0.0.0.0'), machine())).toBe(
      'the machine has no route to 198.51.100.1',
    )
  })
})

test('the kernel knows the address to a peer, and which addresses are ours', async () => {
  expect(await systemAddresses.localTo(at('127.0.0.1'))).toEqual(at('127.0.0.1'))
  expect(systemAddresses.has(at('127.0.0.1'))).toBe(true)
  expect(systemAddresses.has(at('192.0.2.250'))).toBe(false)
})
