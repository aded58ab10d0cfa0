import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Causeway } from '../interop/harness/causeway.ts'
import { CLIENT, SERVER } from './ground.ts'
import type { Access } from './load/access.ts'

/** Adds a client to a running gateway; its files go to `out`. The credentials are those of its strongSwan folder. */
export async function addClient(gateway: Causeway, name: string, out: string): Promise<Access> {
  await gateway.cliOk('client', 'add', name, '--out', out)
  const file = (...names: string[]): string => join(out, 'StrongSwan', ...names)
  return {
    server: SERVER,
    local: CLIENT,
    serverName: serverNameOf(readFileSync(file('conf.d', 'causeway.conf'), 'utf8')),
    authorityPath: file('x509ca', 'causeway-ca.pem'),
    certificatePath: file('x509', `${name}.pem`),
    keyPath: file('private', `${name}.pem`),
  }
}

/** The remote's identity in the strongSwan profile. */
function serverNameOf(configuration: string): string {
  const name = /remote \{[^}]*?\bid = "?([^"\n]+)"?/.exec(configuration)?.[1]
  if (!name) throw new Error(`no name of the gateway in\n${configuration}`)
  return name
}
