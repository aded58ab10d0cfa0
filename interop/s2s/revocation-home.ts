import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Credential, createAuthority } from '../harness/certificates.ts'
import type { Namespace } from '../harness/namespace.ts'
import { type RunningProcess, start } from '../harness/process.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import { runOk } from '../harness/shell.ts'

/** Where a home's list and its responder are asked for. */
const LIST_PORT = 8080
const RESPONDER_PORT = 8081

/** An authority that says which of its certificates are revoked: by a list over HTTP, and by OpenSSL's OCSP responder. */
export class RevocationHome {
  readonly authority: Credential
  /** Lines of a certificate's extensions that name this place. */
  readonly listExtension: string
  readonly responderExtension: string
  readonly #directory: string
  readonly #namespace: Namespace
  readonly #processes: RunningProcess[] = []

  private constructor(authority: Credential, namespace: Namespace, address: string) {
    this.authority = authority
    this.#namespace = namespace
    this.#directory = scratchDirectory('v')
    this.listExtension = `crlDistributionPoints=URI:http://${address}:${LIST_PORT}/ca.crl`
    this.responderExtension = `authorityInfoAccess=OCSP;URI:http://${address}:${RESPONDER_PORT}/`
    writeFileSync(join(this.#directory, 'index.txt'), '')
    writeFileSync(join(this.#directory, 'crlnumber'), '01\n')
    writeFileSync(join(this.#directory, 'ca.cnf'), configurationOf(this.#directory))
  }

  static async create(namespace: Namespace, address: string): Promise<RevocationHome> {
    return new RevocationHome(await createAuthority(`Root that revokes at ${address}`), namespace, address)
  }

  /** It knows of these certificates, and that some of them are revoked; from now on it answers. */
  async open(good: readonly Credential[], revoked: readonly Credential[]): Promise<void> {
    for (const { certificatePath } of good) await this.#ca('-valid', certificatePath)
    for (const { certificatePath } of revoked) await this.#ca('-revoke', certificatePath)
    await this.#ca('-gencrl', '-out', join(this.#directory, 'ca.pem.crl'))
    const crl = ['-in', join(this.#directory, 'ca.pem.crl'), '-outform', 'DER']
    await runOk('openssl', ['crl', ...crl, '-out', join(this.#directory, 'ca.crl')])
    await Promise.all([this.#serveList(), this.#serveResponder()])
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map(running => running.stop('SIGKILL')))
  }

  async #ca(...args: string[]): Promise<void> {
    const { certificatePath, keyPath } = this.authority
    const signer = ['-cert', certificatePath, '-keyfile', keyPath]
    await runOk('openssl', ['ca', '-config', join(this.#directory, 'ca.cnf'), ...signer, ...args])
  }

  async #serveList(): Promise<void> {
    const content = readFileSync(join(this.#directory, 'ca.crl')).toString('base64')
    const program = `require('node:http')
      .createServer((_, answer) => answer.end(Buffer.from('${content}', 'base64')))
      .listen(${LIST_PORT}, () => console.log('ready'))`
    const server = start(process.execPath, ['-e', program], { namespace: this.#namespace, title: 'CRL' })
    this.#processes.push(server)
    await server.waitFor(/^ready$/)
  }

  async #serveResponder(): Promise<void> {
    const { certificatePath, keyPath } = this.authority
    const signer = ['-CA', certificatePath, '-rsigner', certificatePath, '-rkey', keyPath]
    const index = [
      '-index',
      join(this.#directory, 'index.txt'),
      '-port',
      String(RESPONDER_PORT),
      '-nmin',
      '5',
    ]
    const options = { namespace: this.#namespace, title: 'OCSP' }
    const responder = start('openssl', ['ocsp', ...index, ...signer, '-ignore_err'], options)
    this.#processes.push(responder)
    await responder.waitFor(/waiting for OCSP client connections/i)
  }
}

function configurationOf(directory: string): string {
  return [
    '[ca]',
    'default_ca=own',
    '[own]',
    `database=${join(directory, 'index.txt')}`,
    `crlnumber=${join(directory, 'crlnumber')}`,
    'default_md=sha256',
    'default_crl_days=1',
    'unique_subject=no',
    '',
  ].join('\n')
}
