import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Guest } from '../guest/guest.ts'
import type { Profiles } from '../harness/causeway.ts'
import { parsePing } from '../harness/ping.ts'
import { start } from '../harness/process.ts'
import { combine, editProfile, reaching } from '../harness/profile.ts'
import { openScenario, type Scenario } from '../harness/scenario.ts'
import { ADDRESSES, BRIDGE } from '../harness/topology.ts'

// A real client in a Linux of its own, over a bad line: 3 % loss, 40 ms, reordering, each way.

const NETEM = 'delay 40ms 5ms loss 3% reorder 25% 50%'
/** What leaves is shaped at the guest's device, what comes in at a second one that it is led through. */
const BAD_LINE = [
  'modprobe -a sch_netem sch_ingress act_mirred cls_matchall && modprobe ifb numifbs=1 && ip link set ifb0 up',
  `tc qdisc add dev eth0 root netem ${NETEM}`,
  'tc qdisc add dev eth0 handle ffff: ingress',
  'tc filter add dev eth0 parent ffff: matchall action mirred egress redirect dev ifb0',
  `tc qdisc add dev ifb0 root netem ${NETEM}`,
]
/** A minute to build the guest's root the first time, on top of the scenario itself. */
const BUILD_LIMIT_MS = 600_000
const LOG = '/tmp/openvpn.log'

let scenario: Scenario
let guest: Guest
let profiles: Profiles

beforeAll(async () => {
  scenario = await openScenario({ clients: 0 })
  profiles = await scenario.gateway.addClient('alice')
  guest = await Guest.boot({
    namespace: scenario.topology.router,
    bridge: BRIDGE,
    addresses: ['10.77.1.100/24', 'fd77:1::100/64'],
    via: [ADDRESSES.router, ADDRESSES.router6],
  })
  await start('iperf3', ['-s', '--forceflush'], {
    namespace: scenario.topology.inside,
    title: 'iperf3',
  }).waitFor(/listening/)
  for (const command of BAD_LINE) await guest.runOk(command)
}, BUILD_LIMIT_MS)

afterAll(async () => {
  await guest?.stop()
  await scenario?.close()
})

afterEach(async () => {
  await guest.run('pid=$(cat /tmp/pid) && kill $pid && while [ -d /proc/$pid ]; do sleep 0.1; done')
})

// Azure's form has `tls-timeout 30`: over UDP a lost packet of the handshake would wait so long. It is for TCP.
test.each([
  ['udp', 'hardened', 80], // a request or its answer is lost with a chance of 1 - 0.97²
  ['tcp', 'azure', 100], // nothing is lost
] as const)('connects, renegotiates and carries traffic over %s', async (protocol, form, echoes) => {
  const own = { drop: ['log', 'reneg-sec', 'dev'], add: ['reneg-sec 8', 'dev tun0'] }
  const edit = combine(reaching(ADDRESSES.gateway, protocol), own)
  const profile = guest.put('client.ovpn', editProfile(profiles[form], edit))
  await guest.runOk(`openvpn --config ${profile} --daemon --log ${LOG} --writepid /tmp/pid --verb 3`)
  await guestSees(/Initialization Sequence Completed/, 1)

  const text = await guest.runOk(`ping -n -c 100 -i 0.1 -W 5 ${ADDRESSES.inside} || true`)
  expect(parsePing(text, 100).received).toBeGreaterThanOrEqual(echoes)
  await guestSees(/Control Channel: TLS/, 2)
  const flow = JSON.parse(await guest.runOk(`iperf3 -c ${ADDRESSES.inside} -J -t 3 -b 2M`)) as IperfEnd
  expect(flow.end.sum_received.bytes).toBeGreaterThan(50_000)
})

interface IperfEnd {
  readonly end: { readonly sum_received: { readonly bytes: number } }
}

/** Waits until the client's log has so many lines of a kind. */
async function guestSees(pattern: RegExp, times: number): Promise<void> {
  const count = async (): Promise<number> => {
    const log = await guest.runOk(`cat ${LOG}`)
    return log.split('\n').filter(line => pattern.test(line)).length
  }
  await expect.poll(count, { timeout: 40_000, interval: 500 }).toBeGreaterThanOrEqual(times)
}
