import { createNativeDatapath } from '@causeway/datapath'
import { createLog, Ikev2Load } from '@causeway/gateway'
import { localOf, profileOf, readArguments } from './ikev2-access.ts'

// ikev2-load.ts ACCESS GROUP COUNT [AT_ONCE]: opens so many IKE SAs, each with its Child SA, with Causeway's client
// role, prints `established COUNT` when all of them are up, and holds them until SIGTERM. Any responder will do.

/** So many handshakes run at a time: enough to keep a responder busy, too few for it to ask for cookies. */
const AT_ONCE = 8

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`ikev2-load: ${error.message}`)
  process.exit(1)
})

async function main(args: readonly string[]): Promise<void> {
  const { access, group } = readArguments(args)
  const count = Number(args[2])
  const atOnce = Number(args[3] ?? AT_ONCE)
  if (!(Number.isInteger(count) && count > 0 && atOnce > 0))
    throw new Error('usage: ikev2-load.ts ACCESS GROUP COUNT [AT_ONCE]')
  let wake = (): void => {}
  const load = new Ikev2Load({
    profile: profileOf(access, group),
    local: localOf(access),
    log: createLog('warn', false),
    createDatapath: onEvents => createNativeDatapath({ workers: 1, onEvents }),
    onEvent: () => wake(),
  })
  process.on('SIGTERM', () => load.stop().then(() => process.exit(0)))
  for (let started = 0; load.established < count; ) {
    if (load.refused > 0) throw new Error(`${load.refused} sessions were refused: ${load.refusal}`)
    while (started < count && started - load.established < atOnce) {
      load.connect()
      started++
    }
    await new Promise<void>(resolve => {
      wake = resolve
    })
  }
  console.log(`established ${load.established}`)
}
