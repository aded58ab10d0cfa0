import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Namespace } from './namespace.ts'
import { type RunningProcess, start } from './process.ts'
import { scratchDirectory } from './scratch.ts'
import { runOk } from './shell.ts'
import { type DirectoryConfiguration, formatEntries, formatSlapd, ROOT } from './slapd-config.ts'

export interface SlapdOptions extends DirectoryConfiguration {
  readonly address: string
  /** Where it runs; default the test's own. */
  readonly namespace?: Namespace
}

/** Not in the path of every shell. */
const PROGRAM = '/usr/sbin/slapd'
/** `stats`: who asks for what. */
const LOG_LEVEL = '256'
const PORT = 389

/** Debian's OpenLDAP server with a directory of its own. */
export class Slapd {
  /** Where to ask it. */
  readonly url: string
  readonly process: RunningProcess

  private constructor(url: string, process: RunningProcess) {
    this.url = url
    this.process = process
  }

  /** Starts it with all its entries. Errors: with what it says of its configuration. */
  static async start({ address, namespace, ...entries }: SlapdOptions): Promise<Slapd> {
    const directory = scratchDirectory('d')
    const configuration = join(directory, 'slapd.conf')
    writeFileSync(configuration, formatSlapd(directory), { mode: 0o600 })
    mkdirSync(join(directory, 'data'))
    const local = `ldapi://${encodeURIComponent(join(directory, 'socket'))}`
    const url = `ldap://${address}:${PORT}`
    const args = ['-f', configuration, '-h', `${url} ${local}`, '-d', LOG_LEVEL]
    const process = start(PROGRAM, args, { title: 'slapd', ...(namespace && { namespace }) })
    await process.waitFor(/slapd starting/)
    const login = ['-x', '-H', local, '-D', ROOT.name, '-w', ROOT.password]
    await runOk('ldapadd', login, { input: formatEntries(entries) })
    return new Slapd(url, process)
  }

  async stop(): Promise<void> {
    await this.process.stop('SIGTERM')
  }
}
