import { createNativeDatapath } from '@causeway/datapath'
import { createLog, Ikev2Client, systemCommand } from '@causeway/gateway'
import { localOf, profileOf, readArguments } from './ikev2-access.ts'

// ikev2-client.ts ACCESS GROUP: connects with a TUN device, prints `connected ADDRESSES`, and stays until SIGTERM.

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`ikev2-client: ${error.message}`)
  process.exit(1)
})

async function main(args: readonly string[]): Promise<void> {
  const { access, group } = readArguments(args)
  const client = new Ikev2Client({
    profile: profileOf(access, group),
    local: localOf(access),
    run: systemCommand,
    log: createLog('warn', false),
    createDatapath: onEvents => createNativeDatapath({ workers: 1, onEvents }),
  })
  process.on('SIGTERM', () => client.stop().then(() => process.exit(0)))
  console.log(`connected ${(await client.connected).join(' ')}`)
  console.error(`ikev2-client: ${await client.ended}`)
}
