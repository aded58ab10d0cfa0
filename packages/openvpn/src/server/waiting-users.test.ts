import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { parseIpAddress } from '@causeway/wire'
import { expect, it } from 'vitest'
import { createOpenVpnClient } from '../client/client.ts'
import type { OpenVpnReply } from '../command.ts'
import type { OpenVpnRequest, SessionId } from '../output.ts'
import type { Path } from '../path.ts'
import {
  clientOptions,
  letIn,
  type OpenVpnEngine,
  SERVER_ENDPOINT,
  serverOptions,
} from '../testing/duo.suite.ts'
import { Surroundings } from '../testing/surroundings.ts'
import { createOpenVpnServer, type OpenVpnServer } from './server.ts'

const unixSeconds = () => 1_700_000_000
const NOW = 0

interface Station {
  readonly engine: OpenVpnEngine
  readonly side: Surroundings
  /** By which the server sees it. */
  readonly path: Path
}

const pathOf = (text: string): Path => {
  const address = parseIpAddress(text)
  if (!address) throw new Error('no address')
  return { type: 'udp', port: 1, remote: { address, port: 1000 } }
}

/** A server whose users all have to sign in, and clients anywhere, without delay. */
class World {
  readonly server: OpenVpnServer
  readonly side: Surroundings
  readonly #stations: Station[] = []

  constructor(halfOpenTotal: number, decide: (request: OpenVpnRequest) => OpenVpnReply | undefined) {
    const crypto = createSeededCrypto('server')
    this.server = createOpenVpnServer({ ...serverOptions(crypto, unixSeconds), limits: { halfOpenTotal } })
    this.side = new Surroundings({ crypto, role: 'server', decide })
  }

  /** A client comes from this address. Gives the sessions that the server has ended since. */
  arrive(address: string): (SessionId | undefined)[] {
    const before = this.side.events.length
    const crypto = createSeededCrypto(address)
    const engine = createOpenVpnClient(clientOptions(crypto, unixSeconds))
    const side = new Surroundings({ crypto, role: 'client', decide: letIn })
    this.#stations.push({ engine, side, path: pathOf(address) })
    engine.handleCommand({ type: 'connect', path: { type: 'udp', port: 1, remote: SERVER_ENDPOINT } }, NOW)
    while (this.#stations.some(station => this.#step(station)) || this.#stepServer()) {}
    const ended = this.side.events.slice(before).filter(({ event }) => event.type === 'refused')
    return ended.map(({ session }) => session)
  }

  #step({ engine, side, path }: Station): boolean {
    const output = engine.poll()
    if (!output) return false
    side.handle(output, {
      send: bytes => this.server.handleDatagram({ path, bytes }, NOW),
      command: command => engine.handleCommand(command, NOW),
    })
    return true
  }

  #stepServer(): boolean {
    const output = this.server.poll()
    if (!output) return false
    this.side.handle(output, {
      send: (bytes, path) => this.#deliver(bytes, path),
      command: command => this.server.handleCommand(command, NOW),
    })
    return true
  }

  #deliver(bytes: Uint8Array, { remote }: Path): void {
    for (const { engine, path } of this.#stations)
      if (path.remote.address.bytes.join() === remote.address.bytes.join())
        engine.handleDatagram({ path: { type: 'udp', port: 1, remote: SERVER_ENDPOINT }, bytes }, NOW)
  }
}

const pendingFor = (request: OpenVpnRequest): OpenVpnReply =>
  request.type === 'authenticate' ? { type: 'pending', timeoutSeconds: 600 } : letIn(request)

it('users who are to sign in give way to newcomers, the oldest of the busiest network first', () => {
  const world = new World(4, pendingFor)
  for (const address of ['10.1.0.1', '10.2.0.1', '10.2.0.2', '10.3.0.1'])
    expect(world.arrive(address)).toEqual([])
  expect(world.arrive('10.4.0.1')).toEqual([2])
  expect(world.arrive('10.4.0.2')).toEqual([1])
  expect(world.arrive('10.5.0.1')).toEqual([5])
  expect([world.server.halfOpenCount, world.server.tlsCount]).toEqual([4, 4])
})

it('clients that only the outside keeps waiting do not give way', () => {
  const undecided = (request: OpenVpnRequest) =>
    request.type === 'authenticate' ? undefined : letIn(request)
  const world = new World(2, undecided)
  for (const address of ['10.1.0.1', '10.2.0.1', '10.3.0.1']) expect(world.arrive(address)).toEqual([])
  expect([world.server.halfOpenCount, world.side.requests.length]).toEqual([2, 2])
})
