import type { AuthenticationType } from '@causeway/api-contract'
import type { ClientHome, HomeClient } from '../harness/client-home.ts'
import { type Namespace, runIn } from '../harness/namespace.ts'
import type { InsideClient } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'
import type { ClientsScenario, Package } from './scenario.ts'

/** Somebody at the door: what the person was given, and what she signs in with. */
export interface Visit {
  readonly scenario: ClientsScenario
  readonly namespace: Namespace
  readonly given: Package
  readonly by: AuthenticationType
}

/** A client that tries once. */
export interface Visitor {
  /** Waits until the tunnel is up and echoes come back through it. Errors: with the client's log. */
  connects(): Promise<void>
  /** Waits until it has been turned away. Errors: with the client's log. */
  isRefused(): Promise<void>
  stop(): Promise<unknown>
}

/** A client of our own, whose device has the routes. */
export function homeVisitor(
  home: Pick<ClientHome<unknown>, 'namespace' | 'tail'>,
  client: HomeClient,
): Visitor {
  return {
    connects: async () => {
      await client.connected()
      await expectEchoes({ namespace: home.namespace, tail: () => home.tail() })
    },
    isRefused: () => client.refused(),
    stop: () => client.stop(),
  }
}

/** The same of a client with a device and a process of its own. */
export function expectTunnel({ namespace, device, process: own }: InsideClient): Promise<void> {
  return expectEchoes({ namespace, device, tail: () => own.tail() })
}

/** Where a tunnel is, and what to show of it. */
export interface TunnelEnd {
  readonly namespace: Namespace
  /** Leave by it whatever the routes say. */
  readonly device?: string
  tail(): string
}

const ECHOES = 2
const DEADLINE_SECONDS = 10

/** Echoes come back from the inside host; whether each does is for tests that have the machine to themselves. */
export async function expectEchoes({ namespace, device, tail }: TunnelEnd): Promise<void> {
  const by = device === undefined ? [] : ['-I', device]
  const args = ['-n', '-c', String(ECHOES), '-i', '0.2', '-w', String(DEADLINE_SECONDS), ...by]
  const { code, stdout } = await runIn(namespace, 'ping', [...args, ADDRESSES.inside])
  if (code !== 0) throw new Error(`${stdout}\n${tail()}`)
}
