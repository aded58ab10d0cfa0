import { Strongswan } from '../../interop/harness/strongswan.ts'
import type { Sections } from '../../interop/harness/swanctl.ts'
import { type Contender, SECRET } from './contender.ts'
import type { End } from './pair.ts'

const CHILD = 'site'
const IKE_PROPOSAL = 'aes256gcm16-prfsha256-ecp256'
/** What Azure's default policy comes to. */
const ESP_PROPOSAL = 'aes256gcm16'

/** Debian's strongSwan at both ends, with ESP in user space by its kernel-libipsec plugin. */
export const strongswan: Contender = {
  name: 'strongswan',
  async start({ near, far }) {
    const first = await startDaemon(near, far)
    const second = await startDaemon(far, near)
    await second.initiate(CHILD)
    return {
      pids: [first.process.pid, second.process.pid],
      tail: () => `${first.process.tail()}\n${second.process.tail()}`,
      async stop() {
        await second.stop()
        await first.stop()
      },
    }
  },
}

function startDaemon(own: End, other: End): Promise<Strongswan> {
  return Strongswan.start({
    namespace: own.gateway,
    title: `strongswan ${own.address}`,
    swanctl: {
      connections: { bench: connection(own, other) },
      secrets: { 'ike-bench': { secret: `"${SECRET}"` } },
    },
    // Silent, as in service; what the harness waits for is in dmn and job.
    daemon: { filelog: { stderr: { default: '0', dmn: '1', job: '1', flush_line: 'yes' } } },
  })
}

function connection(own: End, other: End): Sections {
  return {
    version: '2',
    local_addrs: own.address,
    remote_addrs: other.address,
    proposals: IKE_PROPOSAL,
    encap: 'yes', // kernel-libipsec carries ESP in UDP alone
    rekey_time: '0',
    local: { auth: 'psk', id: own.address },
    remote: { auth: 'psk', id: other.address },
    children: {
      [CHILD]: {
        local_ts: own.network,
        remote_ts: other.network,
        esp_proposals: ESP_PROPOSAL,
        rekey_time: '0',
      },
    },
  }
}
