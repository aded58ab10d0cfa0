import { afterAll, beforeAll, expect, test } from 'vitest'
import { Guest } from '../guest/guest.ts'
import { ADDRESSES, BRIDGE, createTopology, type Topology } from '../harness/topology.ts'

let topology: Topology
let guest: Guest

beforeAll(async () => {
  topology = await createTopology(0)
  guest = await Guest.boot({
    namespace: topology.router,
    bridge: BRIDGE,
    addresses: ['10.77.1.100/24', 'fd77:1::100/64'],
    via: [ADDRESSES.router, ADDRESSES.router6],
    modules: ['sch_netem'],
  })
}, 600_000)

afterAll(async () => {
  await guest?.stop()
  topology?.close()
})

test('guest', async () => {
  console.log(
    await guest.runOk(
      `uname -a; ip -br a; ping -c2 ${ADDRESSES.gateway}; ping -6 -c2 ${ADDRESSES.gateway6}; tc qdisc add dev eth0 root netem delay 40ms 5ms loss 3% reorder 25% 50%; ping -c 5 -i 0.2 ${ADDRESSES.gateway}; ls -la /dev/net/tun; lsmod; openvpn --version|head -1`,
    ),
  )
})
