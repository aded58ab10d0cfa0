import { CommandError } from '@causeway/gateway'
import { beforeEach, describe, expect, it } from 'vitest'
import { limits } from '../limits.ts'
import { BASE, NOW } from '../management-api.suite.ts'
import { GATEWAY, gatewayBody, type NetworkApi, networkApi } from './network.suite.ts'
import { createPackageUrls } from './package-urls.ts'
import { MemoryGateway } from './running-gateway.suite.ts'

let api: NetworkApi
let now = NOW

beforeEach(async () => {
  now = NOW
  api = await networkApi(undefined, { now: () => now })
  await api.done('PUT', GATEWAY, gatewayBody())
})

async function url(action = 'generatevpnclientpackage', body: object | undefined = {}): Promise<string> {
  const told = await api.result(`${GATEWAY}/${action}`, body)
  if (told.status !== 200) throw new Error(JSON.stringify(told.body))
  return told.body
}

const fetched = (full: string) => api.api.inject({ method: 'GET', url: full.replace(BASE, '') })

describe('URLs of profile packages', () => {
  it('lead to a package without a token, more than once', async () => {
    const full = await url('generatevpnclientpackage', { processorArchitecture: 'amd64' })
    expect(full).toMatch(new RegExp(`^${BASE}/packages/[0-9a-f-]{36}/gw\\.zip\\?rq=.+&se=\\d+&sig=.{43}$`))
    for (const answer of [await fetched(full), await fetched(full)]) {
      expect([answer.status, answer.text]).toEqual([200, 'PK'])
      expect(answer.headers).toMatchObject({
        'content-type': 'application/zip',
        'content-disposition': 'attachment; filename="gw.zip"',
        'cache-control': 'no-store',
      })
    }
    expect(api.gateway.packages).toEqual([
      { processorArchitecture: 'Amd64' },
      { processorArchitecture: 'Amd64' },
    ])
  })

  it.each(['generatevpnprofile', 'getvpnprofilepackageurl'])('come of %s', async action => {
    expect((await fetched(await url(action))).status).toBe(200)
  })

  it('are refused alike, whatever is wrong with them', async () => {
    const full = await url()
    const other = createPackageUrls(new Uint8Array(32), () => NOW).issue('gw', { guid: 'x', request: {} })
    const last = full.endsWith('A') ? 'B' : 'A'
    const wrong = [
      full.slice(0, -1) + last,
      full.slice(0, -1),
      full.replace(/&sig=.*/, ''),
      full.replace(/se=\d+/, `se=${NOW + 90_000}`),
      full.replace(/rq=[^&]+/, 'rq=e30x'),
      full.replace('/gw.zip', '/other.zip'),
      full.replace(/packages\/[^/]+/, 'packages/00000000-0000-4000-8000-000000000000'),
      `${BASE}${other}`,
      `${BASE}/packages/a`,
    ]
    const answers = await Promise.all(wrong.map(fetched))
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(answers[0]?.status).toBe(403)
    expect(api.gateway.packages).toEqual([])
  })

  it('are good for an hour', async () => {
    const full = await url()
    now = NOW + limits.packageUrlSeconds - 1
    expect((await fetched(full)).status).toBe(200)
    now++
    expect((await fetched(full)).status).toBe(403)
  })

  it('are of one gateway, and not of the one that follows it', async () => {
    const full = await url()
    await api.done('DELETE', GATEWAY)
    expect((await fetched(full)).status).toBe(404)
    await api.done('PUT', GATEWAY, gatewayBody())
    expect((await fetched(full)).status).toBe(404)
  })

  it('are good after a restart', async () => {
    const full = await url()
    const again = await networkApi(api.gateway, { store: api.store, now: () => now })
    expect((await again.api.inject({ method: 'GET', url: full.replace(BASE, '') })).status).toBe(200)
  })

  it('are refused for more certificates than a URL holds', async () => {
    const clientRootCertificates = ['A'.repeat(8_000), 'B'.repeat(8_000)]
    const told = await api.result(`${GATEWAY}/generatevpnclientpackage`, { clientRootCertificates })
    expect([told.status, told.body.error.target]).toEqual([400, 'clientRootCertificates'])
  })

  it('are refused for a gateway that does not run', async () => {
    const gateway = new MemoryGateway()
    gateway.beforeApply = async () => {
      throw new CommandError('HostFailure', 'no')
    }
    api = await networkApi(gateway)
    await api.done('PUT', GATEWAY, gatewayBody())
    const told = await api.result(`${GATEWAY}/generatevpnclientpackage`, {})
    expect([told.status, told.body.error.code]).toEqual([409, 'Conflict'])
  })

  it('are made at a bounded pace', async () => {
    const full = await url()
    const statuses: number[] = []
    for (let i = 0; i <= limits.packagesPerMinute; i++) statuses.push((await fetched(full)).status)
    expect(statuses.indexOf(429)).toBe(limits.packagesPerMinute)
    now += 60
    expect((await fetched(full)).status).toBe(200)
  })

  it('stand in no log', async () => {
    const full = await url()
    await fetched(full)
    const signature = full.split('sig=')[1] ?? ''
    expect(api.logged.join('')).not.toContain(signature)
  })
})
