import { describeCertificate, issueRoot } from '@causeway/x509'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ServerCertificate } from '../quick-start/index.ts'
import { watchCertificate } from './certificate-watch.ts'

const DAY = 86_400
const NOW = 1_795_305_600

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

async function certificate(days: number): Promise<ServerCertificate> {
  const validity = { notBefore: NOW - DAY, notAfter: NOW + days * DAY }
  const { certificate: der } = await issueRoot({ commonName: 'vpn', key: 'ecdsa-p256', ...validity })
  return { source: 'given', chain: [der], root: der, privateKey: '', name: 'vpn' }
}

function logged() {
  const lines: { level: number; msg: string }[] = []
  const log = pino({ level: 'info' }, { write: line => void lines.push(JSON.parse(line)) })
  return { log, lines }
}

test('renews at once and once a day, until it is ended', async () => {
  const good = await certificate(400)
  const renewCertificate = vi.fn(() => Promise.resolve(good))
  const { log, lines } = logged()
  const end = watchCertificate({ renewCertificate }, log, () => NOW)
  expect(renewCertificate).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(3 * DAY * 1000)
  expect(renewCertificate).toHaveBeenCalledTimes(4)
  end()
  await vi.advanceTimersByTimeAsync(3 * DAY * 1000)
  expect(renewCertificate).toHaveBeenCalledTimes(4)
  expect(lines).toEqual([])
})

test('says that one ends soon, and that one could not be renewed', async () => {
  const short = await certificate(29)
  expect(describeCertificate(short.chain[0] as Uint8Array).subject).toBe('CN=vpn')
  const { log, lines } = logged()
  const renewCertificate = vi
    .fn<() => Promise<ServerCertificate>>()
    .mockResolvedValueOnce(short)
    .mockRejectedValueOnce(new Error('disk full'))
  const end = watchCertificate({ renewCertificate }, log, () => NOW)
  await vi.advanceTimersByTimeAsync(DAY * 1000)
  end()
  expect(lines).toMatchObject([
    { msg: 'the gateway certificate ends soon; bring another', subject: 'CN=vpn', days: 29 },
    { msg: 'the gateway certificate could not be renewed', err: { message: 'disk full' } },
  ])
})
