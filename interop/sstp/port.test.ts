import { afterAll, beforeAll, expect, test } from 'vitest'
import { runIn } from '../harness/namespace.ts'
import type { Finished } from '../harness/shell.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { openSstp, type SstpScenario } from './scenario.ts'

// What else comes to the port: other TLS, other HTTP.

let scenario: SstpScenario

beforeAll(async () => {
  scenario = await openSstp(1, {})
})

afterAll(() => scenario?.close())

function fromClient(command: string, args: readonly string[], input?: string): Promise<Finished> {
  const [namespace] = scenario.topology.clients
  if (!namespace) throw new Error('no client namespace')
  return runIn(namespace, command, args, { ...(input === undefined ? {} : { input }), timeoutMs: 10_000 })
}

function curl(...args: readonly string[]): Promise<Finished> {
  const page = `https://${ADDRESSES.gateway}/`
  return fromClient('curl', ['-sS', '--cacert', scenario.authority, '-m', '5', ...args, page])
}

/** SSTP's own way: [MS-SSTP] §3.2.4.1. */
const SSTP_PATH = '/sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/'

test('a browser has a page, under a certificate of the address', async () => {
  const { code, stdout } = await curl()
  expect(code).toBe(0)
  expect(stdout).toContain('VPN gateway')
})

test.each([
  ['another method', ['-X', 'POST', '-d', 'x']],
  ['another path', ['--request-target', '/sra_']],
  ["SSTP's path by GET", ['--request-target', SSTP_PATH]],
  ["SSTP's method on another path", ['-X', 'SSTP_DUPLEX_POST']],
])('%s has an ordinary answer', async (_, args) => {
  const { stdout } = await curl('-o', '/dev/null', '-w', '%{http_code}', ...args)
  expect(stdout).toMatch(/^4\d\d$/)
})

test("SSTP's request is answered with SSTP's endless length", async () => {
  const request = [
    `SSTP_DUPLEX_POST ${SSTP_PATH} HTTP/1.1`,
    `Host: ${ADDRESSES.gateway}`,
    'Content-Length: 18446744073709551615',
    'SSTPCORRELATIONID: {00000000-0000-0000-0000-000000000000}',
    '',
    '',
  ].join('\r\n')
  const { stdout } = await tls(['-quiet', '-tls1_2'], request)
  expect(stdout).toMatch(/^HTTP\/1\.1 200 /)
  expect(stdout).toMatch(/^content-length: 18446744073709551615\r$/im)
})

const ALLOWED = [
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-SHA384',
  'ECDHE-RSA-AES128-SHA256',
] as const

test.each(ALLOWED)('TLS 1.2 with %s', async cipher => {
  const { stdout } = await tls(['-tls1_2', '-cipher', cipher])
  expect(stdout).toContain(`Cipher is ${cipher}\n`)
})

test.each([
  ['ECDHE-RSA-CHACHA20-POLY1305', ['-tls1_2', '-cipher', 'ECDHE-RSA-CHACHA20-POLY1305']],
  ['AES256-GCM-SHA384', ['-tls1_2', '-cipher', 'AES256-GCM-SHA384']],
  ['ECDHE-RSA-AES256-SHA', ['-tls1_2', '-cipher', 'ECDHE-RSA-AES256-SHA']],
  ['TLS 1.1', ['-tls1_1', '-cipher', 'DEFAULT:@SECLEVEL=0']],
])('no %s', async (_, args) => {
  const { code, stdout } = await tls(args)
  expect(code).not.toBe(0)
  expect(stdout).toContain('Cipher is (NONE)')
})

/** A TLS connection that ends when the input has been sent and, with `-quiet`, when the gateway has been silent. */
function tls(args: readonly string[], input = ''): Promise<Finished> {
  const to = ['-connect', `${ADDRESSES.gateway}:443`, '-CAfile', scenario.authority]
  const line = ['2', 'openssl', 's_client', ...to, ...args]
  return fromClient('timeout', line, input)
}
