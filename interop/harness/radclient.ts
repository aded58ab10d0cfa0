import type { Namespace } from './namespace.ts'
import { runIn } from './namespace.ts'
import { run } from './shell.ts'

export interface RadclientRequest {
  /** Where to, as `radclient` has it: `address:port`. */
  readonly server: string
  readonly type: 'auth' | 'acct' | 'status' | 'disconnect' | 'coa'
  readonly secret: string
  /** By their dictionary names. Message-Authenticator is not added by itself. */
  readonly attributes: Readonly<Record<string, string>>
  readonly namespace?: Namespace
}

/** What `radclient` was told; without an answer there is no code. */
export interface RadclientAnswer {
  /** `Disconnect-ACK`, `CoA-NAK`, `Access-Accept`, … */
  readonly code: string | undefined
  readonly attributes: Readonly<Record<string, string>>
  /** All that it printed. */
  readonly text: string
}

/** It asks once and waits so long. */
const WAIT_SECONDS = 2

/** Asks by FreeRADIUS's own `radclient`; that it is refused, or not answered, is a value. */
export async function radclient(request: RadclientRequest): Promise<RadclientAnswer> {
  const { server, type, secret, attributes, namespace } = request
  const args = ['-x', '-r', '1', '-t', String(WAIT_SECONDS), server, type, secret]
  const input = Object.entries(attributes).map(([name, value]) => `${name} = ${quote(value)}\n`)
  const options = { input: input.join('') }
  const done = namespace
    ? await runIn(namespace, 'radclient', args, options)
    : await run('radclient', args, options)
  return parseAnswer(`${done.stdout}${done.stderr}`)
}

/** Numbers, names of values and octets stand as they are; text is quoted. */
function quote(value: string): string {
  return /^[\w.:-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`
}

function parseAnswer(text: string): RadclientAnswer {
  const [, code, rest = ''] = /^Received (\S+) Id .*\n((?:\t.*\n)*)/m.exec(text) ?? []
  const found = [...rest.matchAll(/^\t(\S+) = "?(.*?)"?$/gm)]
  const attributes = Object.fromEntries(found.map(([, name = '', value = '']) => [name, value]))
  return { code, attributes, text }
}
