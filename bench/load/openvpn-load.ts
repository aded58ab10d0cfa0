import { readFileSync } from 'node:fs'
import { createNativeDatapath } from '@causeway/datapath'
import { ClientLoad, createLog } from '@causeway/gateway'
import { type ClientProfile, parseProfile } from '@causeway/openvpn'

// openvpn-load.ts PROFILE COUNT: opens so many sessions with Causeway's client role, prints `established COUNT` when
// all of them are up, and holds them until SIGTERM. Any OpenVPN server will do; the profile's remote is an address.

/** So many handshakes run at a time: enough to keep a server busy, few enough that none times out. */
const AT_ONCE = 16

main(process.argv[2] ?? '', Number(process.argv[3])).catch((error: Error) => {
  console.error(`openvpn-load: ${error.message}`)
  process.exit(1)
})

async function main(path: string, count: number): Promise<void> {
  if (!Number.isInteger(count) || count < 1) throw new Error('usage: openvpn-load.ts PROFILE COUNT')
  let wake = (): void => {}
  const load = new ClientLoad({
    profile: readProfile(path),
    log: createLog('warn', false),
    createDatapath: onEvents => createNativeDatapath({ workers: 1, onEvents }),
    onEvent: () => wake(),
  })
  process.on('SIGTERM', () => load.stop().then(() => process.exit(0)))
  for (let started = 0; load.established < count; ) {
    if (load.refused > 0) throw new Error(`${load.refused} sessions were refused`)
    while (started < count && started - load.established < AT_ONCE) {
      await load.connect()
      started++
    }
    await new Promise<void>(resolve => {
      wake = resolve
    })
  }
  console.log(`established ${load.established}`)
}

function readProfile(path: string): ClientProfile {
  const parsed = parseProfile(readFileSync(path, 'utf8'))
  if (parsed.type === 'profile-fault') throw new Error(`${path}:${parsed.line}: ${parsed.reason}`)
  return parsed.profile
}
