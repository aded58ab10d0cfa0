// The management API on a data directory that outlives it. It says where it is, and stays.
// arguments: DIRECTORY PORT [LOG]; without a LOG only warnings are said, on standard error.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUILT_IN_ROLE_IDS } from '@causeway/access'
import { pino } from 'pino'
import { SUBSCRIPTION, startApiServer, stay, TENANT } from './api-server.ts'
import type { DurablePlace } from './durability-place.ts'
import { slowServer } from './network-slow-server.ts'

const [directory = '', port = '', logPath] = process.argv.slice(2)
const server = await startApiServer({
  directory,
  port: Number(port),
  servers: { 'Microsoft.Network/publicIPAddresses': slowServer },
  ...(logPath !== undefined && {
    log: pino({ level: 'info' }, pino.destination({ dest: logPath, sync: true })),
  }),
})
stay(server, {
  baseUrl: server.baseUrl,
  tenantId: TENANT,
  subscriptionId: SUBSCRIPTION,
  ...(await people(join(directory, 'people.json'))),
} satisfies DurablePlace)

/** Whom the first start makes, and every later one has again. */
async function people(path: string): Promise<Pick<DurablePlace, 'owner' | 'newcomer'>> {
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as DurablePlace
  const made = {
    owner: await server.person('owner', [[BUILT_IN_ROLE_IDS.owner, '/']]),
    newcomer: await server.person('newcomer'),
  }
  writeFileSync(path, JSON.stringify(made), { mode: 0o600 })
  return made
}
