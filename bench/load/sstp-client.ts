import { createNativeDatapath } from '@causeway/datapath'
import { createLog, SstpClient, systemCommand } from '@causeway/gateway'
import { type IpPrefix, parseIpPrefix } from '@causeway/wire'
import { readProfile } from './sstp-access.ts'

// sstp-client.ts ACCESS RECORDS DESTINATION: connects with a TUN device and a route to the destination (a prefix),
// prints `connected ADDRESSES`, and stays until SIGTERM.

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`sstp-client: ${error.message}`)
  process.exit(1)
})

async function main(args: readonly string[]): Promise<void> {
  const client = new SstpClient({
    profile: readProfile(args),
    destinations: [readPrefix(args[2] ?? '')],
    run: systemCommand,
    log: createLog('warn', false),
    createDatapath: onEvents => createNativeDatapath({ workers: 1, onEvents }),
  })
  process.on('SIGTERM', () => client.stop().then(() => process.exit(0)))
  console.log(`connected ${(await client.connected).join(' ')}`)
  console.error(`sstp-client: ${await client.ended}`)
}

function readPrefix(text: string): IpPrefix {
  const prefix = parseIpPrefix(text)
  if (!prefix) throw new Error(`${text} is no prefix`)
  return prefix
}
