import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Guest } from '../guest/guest.ts'
import { bootGuest, expectEchoes, GUEST_BUILD_LIMIT_MS } from '../guest/guest-on-line.ts'
import { GuestStrongswan } from '../guest/strongswan.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { CHILD, CONNECTION, roadWarrior, type SignIn } from './road-warrior.ts'
import { gatewayAuthority, type Ikev2Scenario, openIkev2 } from './scenario.ts'

// Each way 5 % loss, 30 ms, and a quarter of the packets out of order.

const NETEM = 'delay 30ms 5ms loss 5% reorder 25% 50%'
/** What leaves is shaped at the guest's device, what comes in at a second one that it is led through. */
const BAD_LINE = [
  'modprobe -a sch_netem sch_ingress act_mirred cls_matchall && modprobe ifb numifbs=1 && ip link set ifb0 up',
  `tc qdisc add dev eth0 root netem ${NETEM}`,
  'tc qdisc add dev eth0 handle ffff: ingress',
  'tc filter add dev eth0 parent ffff: matchall action mirred egress redirect dev ifb0',
  `tc qdisc add dev ifb0 root netem ${NETEM}`,
]

/**
 * When the two rekeyings meet on a line that delays the end of one, the other is put off (TEMPORARY_FAILURE, RFC 7296
 * §2.25), and strongSwan tries again after up to 30 seconds.
 */
const REKEY_LIMIT_MS = 75_000

let scenario: Ikev2Scenario
let guest: Guest

beforeAll(async () => {
  scenario = await openIkev2({ clients: 0 })
  guest = await bootGuest(scenario.topology)
  for (const command of BAD_LINE) await guest.runOk(command)
}, GUEST_BUILD_LIMIT_MS)

afterAll(async () => {
  await guest?.stop()
  await scenario?.close()
})

test.each<SignIn>(['pubkey', 'eap-tls'])(
  'strongSwan by %s connects, rekeys and carries traffic',
  async signIn => {
    const warrior = { credential: scenario.alice, serverName: scenario.serverName, signIn }
    const daemon = { retransmit_timeout: '0.5', retransmit_base: '1.3', retransmit_tries: '12' }
    const authorities = [gatewayAuthority(scenario)]
    const client = await GuestStrongswan.start(guest, { ...roadWarrior(warrior, authorities), daemon })
    onTestFinished(() => client.stop())
    await client.initiate(CHILD)
    const [before] = await client.sas()
    // A twentieth is lost each way, which makes about 10 of 100; three times as much is the limit.
    await expectEchoes(guest, ADDRESSES.inside, { count: 100, least: 70 })
    await client.rekeyChild(CHILD)
    await client.rekeyIke(CONNECTION)
    await expect
      .poll(() => rekeyed(client, before?.initiatorSpi), { timeout: REKEY_LIMIT_MS, interval: 200 })
      .toBe(true)
    await expectEchoes(guest, ADDRESSES.inside, { count: 25, least: 15 })
  },
)

/** One IKE_SA with other SPIs than the first, and one Child SA in it. */
async function rekeyed(client: GuestStrongswan, before: string | undefined): Promise<boolean> {
  const [sa, ...others] = await client.sas()
  return others.length === 0 && sa?.initiatorSpi !== before && sa?.children.length === 1
}
