import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ping } from '../harness/ping.ts'
import { Strongswan } from '../harness/strongswan.ts'
import type { IkeSa } from '../harness/strongswan-sas.ts'
import type { Sections } from '../harness/swanctl.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { IKE_ROWS, IPSEC_ROWS } from './policy-tables.ts'
import { connection, roadWarrior } from './road-warrior.ts'
import { gatewayAuthority, type Ikev2Scenario, openIkev2 } from './scenario.ts'

// Every row of the documentation's IKEv2 table with every row of its IPsec table, each proposed alone: the gateway
// can choose nothing else. One client holds them all as connections of their own.

let scenario: Ikev2Scenario
let client: Strongswan

beforeAll(async () => {
  scenario = await openIkev2()
  const [namespace] = scenario.topology.clients
  if (!namespace) throw new Error('no client namespace')
  const base = roadWarrior({ credential: scenario.alice, serverName: scenario.serverName }, [
    gatewayAuthority(scenario),
  ])
  client = await Strongswan.start({ ...base, swanctl: { connections: allConnections() }, namespace })
})

afterAll(async () => {
  await client?.stop()
  await scenario?.close()
})

function allConnections(): Sections {
  const pairs = IKE_ROWS.flatMap((ike, i) => IPSEC_ROWS.map((esp, j) => ({ ike, esp, name: `${i}-${j}` })))
  return Object.fromEntries(
    pairs.map(({ ike, esp, name }) => {
      const proposals = { ike: ike.proposal, esp: esp.proposal }
      return [
        `ike-${name}`,
        connection(
          { credential: scenario.alice, serverName: scenario.serverName, ...proposals },
          `child-${name}`,
        ),
      ]
    }),
  )
}

describe.each(IKE_ROWS.map((ike, i) => ({ ...ike, i })))('IKE $row', ike => {
  test.each(IPSEC_ROWS.map((esp, j) => ({ ...esp, j })))('IPsec $row', async esp => {
    const name = `${ike.i}-${esp.j}`
    onTestFinished(() => client.terminate(`ike-${name}`))
    await client.initiate(`child-${name}`)
    const sa = await client.sa()
    expect(sa.suite).toBe(ike.suite)
    expect(sa.children.map(child => child.suite)).toEqual([esp.suite])
    await expectEcho()
    if (esp.group !== undefined) await expectRekeyed(name, sa, `${esp.suite}/${esp.group}`)
  })
})

/** A Child SA that follows another has a key exchange of its own: only it shows the row's group. */
async function expectRekeyed(name: string, before: IkeSa, suite: string): Promise<void> {
  await client.rekeyChild(`child-${name}`)
  const replaced = async (): Promise<string[]> => {
    const { children } = await client.sa()
    const isNew = (spi: string): boolean => before.children.every(child => child.inboundSpi !== spi)
    return children
      .filter(child => isNew(child.inboundSpi) && child.state === 'INSTALLED')
      .map(sa => sa.suite)
  }
  await expect.poll(replaced, { interval: 20 }).toEqual([suite])
  await expectEcho()
}

async function expectEcho(): Promise<void> {
  expect(await ping(client.namespace, ADDRESSES.inside, { count: 1 })).toMatchObject({ received: 1 })
}
