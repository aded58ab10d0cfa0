import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatPem, type IssuedCertificate, issueServerCertificate } from '@causeway/x509'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hoursAround, root } from '../../testing/credentials.suite.ts'
import { blobUrl, uploadBlob } from './blob-upload.ts'

async function localhostCertificate(anchor: IssuedCertificate): Promise<{ cert: string; key: string }> {
  const names = { commonName: 'localhost', dnsNames: ['localhost'] }
  const validity = hoursAround(Date.now() / 1_000)
  const leaf = await issueServerCertificate(anchor, { ...names, key: 'ecdsa-p256', ...validity })
  return { cert: formatPem(leaf.certificate), key: leaf.privateKey }
}

let directory: string
let path: string
let server: Server
let authority: string
/** 0: the answer has no end. */
let status = 201
let breaksOff = false
const seen: { method: string | undefined; headers: NodeJS.Dict<string | string[]>; body: string }[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-upload-'))
  path = join(directory, 'a.pcapng')
  await writeFile(path, 'packets')
  const anchor = await root()
  authority = formatPem(anchor.certificate)
  server = createServer(await localhostCertificate(anchor), async (request, answer) => {
    let body = ''
    for await (const piece of request) body += piece
    seen.push({ method: request.method, headers: request.headers, body })
    if (status === 0) {
      answer.writeHead(201, { 'content-length': '100' }).write('<')
      if (breaksOff) setImmediate(() => request.socket.destroy())
      return
    }
    answer.writeHead(status, { location: 'https://127.0.0.1/' })
    answer.end('<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code></Error>')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
  await rm(directory, { recursive: true })
  seen.length = 0
  status = 201
})

const local = () => `https://localhost:${(server.address() as AddressInfo).port}/box/a.pcapng?sig=SECRET`

test.each([
  'no url',
  'http://store.example/box/a?sig=x',
  'file:///etc/passwd',
  'https://user:password@store.example/box/a',
  'https://127.0.0.1/a',
  'https://2130706433/a',
  'https://0x7f.1/a',
  'https://[::1]/a',
  'https://[::ffff:127.0.0.1]/a',
  'https://[fe80::1]/a',
  'https://169.254.169.254/metadata',
  'https://0.0.0.0/a',
  `https://store.example/${'x'.repeat(5_000)}`,
])('%s is refused before anything is sent', url => {
  expect(() => blobUrl(url)).toThrow(expect.objectContaining({ code: 'InvalidParameter' }))
})

test('a blob store elsewhere is taken, private addresses too', () => {
  expect(blobUrl('https://store.blob.core.windows.net/c/b?sv=1&sig=x').hostname).toBe(
    'store.blob.core.windows.net',
  )
  expect(blobUrl('https://10.1.0.4/c/b').hostname).toBe('10.1.0.4')
})

test('a name that leads to this machine is refused where it is looked up', async () => {
  const failed = uploadBlob(path, local(), { authority })
  await expect(failed).rejects.toThrow('leads to this machine')
  await expect(failed).rejects.not.toThrow('SECRET')
  expect(seen).toEqual([])
})

test('the file is put as a block blob', async () => {
  await uploadBlob(path, local(), { authority, allowLocal: true })
  expect(seen).toMatchObject([
    { method: 'PUT', body: 'packets', headers: { 'x-ms-blob-type': 'BlockBlob', 'content-length': '7' } },
  ])
})

test.each([
  [403, 'HTTP 403 AuthenticationFailed'],
  [307, 'HTTP 307'],
])('what the store answers is told, and no redirect is followed: %i', async (answered, words) => {
  status = answered
  const failed = uploadBlob(path, local(), { authority, allowLocal: true })
  await expect(failed).rejects.toMatchObject({ code: 'Conflict', message: expect.stringContaining(words) })
  await expect(failed).rejects.not.toThrow('SECRET')
  expect(seen).toHaveLength(1)
})

test('a store that breaks off within its answer, or never ends it, holds nobody up', async () => {
  status = 0
  const send = (signal?: AbortSignal) =>
    uploadBlob(path, local(), { authority, allowLocal: true, ...(signal && { signal }) })
  breaksOff = true
  await expect(send()).rejects.toMatchObject({ code: 'Conflict' })
  breaksOff = false
  const given = new AbortController()
  const failed = send(given.signal)
  await expect.poll(() => seen.length).toBe(2)
  given.abort()
  await expect(failed).rejects.toMatchObject({ code: 'Conflict' })
})

test('a store that cannot prove who it is gets nothing', async () => {
  const failed = uploadBlob(path, local(), { allowLocal: true })
  await expect(failed).rejects.toMatchObject({ code: 'Conflict' })
  expect(seen).toEqual([])
})
