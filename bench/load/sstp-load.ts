import { createNativeDatapath } from '@causeway/datapath'
import { createLog, SstpLoad } from '@causeway/gateway'
import { readProfile } from './sstp-access.ts'

// sstp-load.ts ACCESS RECORDS COUNT: opens so many calls with Causeway's client role, prints `established COUNT` when
// all of them are up, and holds them until SIGTERM.

/** So many calls are set up at a time: enough to keep a server busy. */
const AT_ONCE = 8

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`sstp-load: ${error.message}`)
  process.exit(1)
})

async function main(args: readonly string[]): Promise<void> {
  const count = Number(args[2])
  if (!(Number.isInteger(count) && count > 0)) throw new Error('usage: sstp-load.ts ACCESS RECORDS COUNT')
  let wake = (): void => {}
  const load = new SstpLoad({
    profile: readProfile(args),
    log: createLog('warn', false),
    createDatapath: onEvents => createNativeDatapath({ workers: 1, onEvents }),
    onChange: () => wake(),
  })
  process.on('SIGTERM', () => load.stop().then(() => process.exit(0)))
  for (let started = 0; load.established < count; ) {
    if (load.refused > 0) throw new Error(`${load.refused} calls were refused: ${load.refusal}`)
    while (started < count && started - load.established < AT_ONCE) {
      void load.connect()
      started++
    }
    await new Promise<void>(resolve => {
      wake = resolve
    })
  }
  console.log(`established ${load.established}`)
}
