import { stat } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { createInterface } from 'node:readline'
import type { ControlResponse, DeviceCertificate } from '@causeway/api-contract'
import { StoreError } from '@causeway/store'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { PresentGateway } from '../managed/index.ts'
import type { PreparedGateway } from '../quick-start/index.ts'
import {
  INTERFACES,
  preparedGateway,
  type ScratchInstallation,
  scratchInstallation,
} from '../quick-start/scratch-installation.suite.ts'
import { RecordingGateway } from '../testing/recording-gateway.suite.ts'
import { createCommandHandler } from './command-handler.ts'
import { type ControlServer, serveControl } from './control-server.ts'
import { examineMachine } from './doctor.ts'

let installation: ScratchInstallation
let prepared: PreparedGateway
let gateway: RecordingGateway
let present: PresentGateway
let server: ControlServer
let abandoned: ControlServer | undefined

beforeAll(async () => {
  installation = await scratchInstallation()
  prepared = await preparedGateway(installation, {}, INTERFACES)
  gateway = new RecordingGateway()
  present = new PresentGateway({ installation, prepared, gateway })
  const handler = createCommandHandler({ present, version: '1.2.3' })
  server = await serveControl(installation.data.path, handler)
})

afterAll(async () => {
  await server.close()
  await abandoned?.close()
  await installation.remove()
})

/** Sends lines and answers as many lines of the gateway. */
async function exchange(...lines: string[]): Promise<ControlResponse[]> {
  const socket = createConnection(server.path)
  socket.write(lines.map(line => `${line}\n`).join(''))
  const responses: ControlResponse[] = []
  for await (const line of createInterface({ input: socket })) {
    responses.push(JSON.parse(line) as ControlResponse)
    if (responses.length === lines.length) break
  }
  socket.destroy()
  return responses
}

async function ask(method: string, params: object): Promise<ControlResponse> {
  const [response] = await exchange(JSON.stringify({ id: 5, method, params }))
  return response as ControlResponse
}

describe('the control socket', () => {
  it('is open to its owner alone', async () => {
    expect((await stat(server.path)).mode & 0o777).toBe(0o600)
  })

  it('answers in order, each with the id of its request', async () => {
    const line = (id: number): string => JSON.stringify({ id, method: 'sessions', params: {} })
    expect(await exchange(line(2), line(1))).toEqual([
      { id: 2, result: { sessions: [] } },
      { id: 1, result: { sessions: [] } },
    ])
  })

  it.each(['', 'hello', '[]', '{"id":9}', '{"id":9,"method":"reboot","params":{}}'])(
    'refuses %j',
    async line => {
      const [response] = await exchange(line)
      expect(response).toMatchObject({
        id: line.includes('9') ? 9 : 0,
        error: { code: 'InvalidRequestContent' },
      })
    },
  )

  it('serves again after a crash left its socket', async () => {
    const handler = createCommandHandler({
      present: new PresentGateway({ installation, prepared }),
      version: '1',
    })
    const second = await serveControl(installation.data.path, handler)
    await second.close()
    abandoned = server
    server = await serveControl(installation.data.path, createCommandHandler({ present, version: '1.2.3' }))
    expect(await ask('status', {})).toMatchObject({ id: 5, result: { version: '1.2.3' } })
  })
})

describe('commands', () => {
  it('disconnect knows sessions from others', async () => {
    expect(await ask('disconnect', { id: 'known' })).toEqual({ id: 5, result: { id: 'known' } })
    expect(await ask('disconnect', { id: 'other' })).toMatchObject({ error: { code: 'ResourceNotFound' } })
  })

  it('connections are none of a gateway that has none', async () => {
    expect(await ask('connections', {})).toEqual({ id: 5, result: { connections: [] } })
    expect(await ask('connection.reset', { name: 'site' })).toMatchObject({
      error: { code: 'ResourceNotFound', message: "there is no connection 'site'; there is none at all" },
    })
  })

  it('a certificate for a device is one that a check takes', async () => {
    const wanted = { commonName: 'onprem-1', keyType: 'ecdsa-p256', password: 'open sesame' }
    const issued = await ask('cert.device', wanted)
    const { inboundChain: chain, certificate: peer } = (issued as { result: DeviceCertificate }).result
    expect(await ask('cert.check', { subject: 'onprem-1', chain, peer })).toMatchObject({
      result: { trust: { accepted: true }, peer: { accepted: true } },
    })
    const refused = await ask('cert.device', { ...wanted, commonName: 'x'.repeat(65) })
    expect(refused).toMatchObject({ error: { code: 'InvalidRequestContent' } })
    expect(JSON.stringify(refused)).not.toContain('sesame')
  })

  it('revoke takes a client out of the running gateway, by the thumbprint of its certificate', async () => {
    const added = await ask('client.add', { name: 'bob', keyType: 'ecdsa-p256' })
    const { thumbprint } = (added as { result: { thumbprint: string } }).result
    expect(await ask('client.revoke', { name: 'bob' })).toEqual({
      id: 5,
      result: { name: 'bob', thumbprints: [thumbprint], live: true },
    })
    expect(gateway.applied.at(-1)?.certificateAuthentication.revokedThumbprints).toContain(thumbprint)
    expect(await ask('client.list', {})).toMatchObject({
      result: { clients: [{ name: 'bob', thumbprint, revokedAt: expect.any(Number) }] },
    })
    expect(await ask('client.revoke', { name: 'bob' })).toMatchObject({ error: { code: 'Conflict' } })
    expect(await ask('client.revoke', { name: 'eve' })).toMatchObject({ error: { code: 'ResourceNotFound' } })
  })

  it('a revoked name can be given a new certificate, and the old one stays out', async () => {
    const directory = `${installation.data.path}/clients/bob-again`
    expect(await ask('client.add', { name: 'bob', keyType: 'ecdsa-p256', directory })).toHaveProperty(
      'result',
    )
    await ask('client.revoke', { name: 'bob' })
    expect(gateway.applied.at(-1)?.certificateAuthentication.revokedThumbprints.size).toBe(2)
  })

  it('apply takes settings and resources over, stores them, and says when nothing changed', async () => {
    const document = { ...prepared.settings, clientToClient: true }
    expect(await ask('apply', { document })).toMatchObject({
      result: { document: 'settings', changed: true, live: true },
    })
    expect(gateway.applied.at(-1)?.clientToClient).toBe(true)
    expect(await ask('apply', { document })).toMatchObject({ result: { changed: false } })
    expect((await installation.data.documents.read('settings/causeway'))?.value).toEqual(document)
  })

  it('apply refuses a bad document with all its faults, and changes nothing', async () => {
    const count = gateway.applied.length
    const response = await ask('apply', { document: { clientToclient: true, nat: 1 } })
    expect(response).toMatchObject({ error: { code: 'InvalidParameter', details: [{}, {}] } })
    expect(gateway.applied).toHaveLength(count)
  })

  it('apply stores nothing that the gateway could not take over', async () => {
    const before = await installation.data.documents.read('settings/causeway')
    gateway.refusal = Object.assign(new Error('udp 0.0.0.0:443 is taken; stop the other program'), {
      code: 'ERR_LISTENER',
    })
    const response = await ask('apply', { document: { ...prepared.settings, nat: false } })
    gateway.refusal = undefined
    expect(response).toMatchObject({ error: { code: 'HostFailure', message: /is taken/ } })
    expect(await installation.data.documents.read('settings/causeway')).toEqual(before)
  })
})

describe('settings that the disk cannot take', () => {
  it('are run no longer, nor is the certificate shown that was made for their host names', async () => {
    const { documents } = installation.data
    const former = gateway.applied.at(-1)
    const commit = documents.commit.bind(documents)
    const full = vi.spyOn(documents, 'commit').mockImplementation(changes => {
      const isOfSettings = changes.some(change => change.type === 'put' && change.key.startsWith('settings/'))
      if (!isOfSettings) return commit(changes)
      return Promise.reject(new StoreError('ERR_STORE_WRITE', 'the disk is full'))
    })
    onTestFinished(() => full.mockRestore())
    const document = { ...prepared.settings, hostNames: ['other.example.org'] }
    expect(await ask('apply', { document })).toMatchObject({ error: { message: 'the disk is full' } })
    expect(gateway.applied.at(-1)).toBe(former)
    expect(gateway.shown).toHaveLength(2)
    expect(gateway.shown.at(-1)).toEqual(prepared.identity)
  })
})

describe('a document with secrets', () => {
  const SECRET = 'Wombat-7'

  /** The present resource, with sign-in by these servers. */
  function byRadius(
    ...radiusServers: { radiusServerAddress: string; radiusServerSecret?: string }[]
  ): object {
    const { properties, ...resource } = prepared.resource
    const clients = {
      ...properties.vpnClientConfiguration,
      vpnAuthenticationTypes: ['Radius'],
      radiusServers,
    }
    return { ...resource, properties: { ...properties, vpnClientConfiguration: clients } }
  }

  const inUse = () =>
    gateway.applied.at(-1)?.radius?.servers.map(({ secret }) => Buffer.from(secret).toString())
  const stored = async () => [
    await installation.data.documents.read('gateways/causeway'),
    Buffer.from((await installation.data.secrets.read('radius-secrets')) ?? []).toString(),
  ]

  it('is taken over, and stored without them', async () => {
    const document = byRadius({ radiusServerAddress: '10.1.0.9', radiusServerSecret: SECRET })
    expect(await ask('apply', { document })).toMatchObject({ result: { document: 'gateway', changed: true } })
    expect(inUse()).toEqual([SECRET])
    expect(JSON.stringify((await stored())[0])).not.toContain(SECRET)
  })

  it('keeps them when it is given as it is shown, and without them', async () => {
    const [shown] = await stored()
    const document = (shown as { value: unknown }).value
    expect(await ask('apply', { document })).toMatchObject({ result: { changed: false } })
    const without = byRadius({ radiusServerAddress: '10.1.0.9' })
    expect(await ask('apply', { document: without })).toMatchObject({ result: { changed: false } })
    expect(inUse()).toEqual([SECRET])
  })

  it('is changed by another secret alone', async () => {
    const document = byRadius({ radiusServerAddress: '10.1.0.9', radiusServerSecret: 'Koala-8' })
    expect(await ask('apply', { document })).toMatchObject({ result: { changed: true } })
    expect(await ask('apply', { document })).toMatchObject({ result: { changed: false } })
    expect(inUse()).toEqual(['Koala-8'])
  })

  it('that the gateway cannot take over leaves document and secrets as they were', async () => {
    const before = await stored()
    gateway.refusal = Object.assign(new Error('udp 0.0.0.0:443 is taken'), { code: 'ERR_LISTENER' })
    const document = byRadius({ radiusServerAddress: '10.1.0.9', radiusServerSecret: 'Dingo-9' })
    expect(await ask('apply', { document })).toMatchObject({ error: { code: 'HostFailure' } })
    gateway.refusal = undefined
    expect(await stored()).toEqual(before)
  })

  it('that the disk cannot take is run no longer, and leaves both as they were', async () => {
    const before = await stored()
    const { documents } = installation.data
    vi.spyOn(documents, 'commit').mockRejectedValueOnce(new StoreError('ERR_STORE_WRITE', 'the disk is full'))
    const document = byRadius({ radiusServerAddress: '10.1.0.9', radiusServerSecret: 'Dingo-9' })
    expect(await ask('apply', { document })).toMatchObject({ error: { message: 'the disk is full' } })
    expect(inUse()).toEqual(['Koala-8'])
    expect(await stored()).toEqual(before)
    const shown = byRadius({ radiusServerAddress: '10.1.0.9', radiusServerSecret: '[secret]' })
    expect(await ask('apply', { document: shown })).toMatchObject({ result: { changed: false } })
    expect(inUse()).toEqual(['Koala-8'])
  })

  it('shows none of them in faults and in the status', async () => {
    const long = { radiusServerAddress: 'a b', radiusServerSecret: SECRET.repeat(500) }
    const answers = [await ask('apply', { document: byRadius(long) }), await ask('status', {})]
    expect(JSON.stringify(answers)).not.toMatch(/Wombat|Koala|Dingo/)
    expect(answers).toMatchObject([
      { error: { message: expect.stringContaining('[secret] is') } },
      { result: {} },
    ])
  })

  it('lets the doctor look at it, who changes nothing', async () => {
    const before = await stored()
    const findings = await examineMachine(installation.data.path, true)
    expect(findings.find(({ check }) => check === 'configuration')).toMatchObject({ state: 'good' })
    expect(await stored()).toEqual(before)
  })

  it('issues no certificates where nobody signs in by one', async () => {
    const { result } = (await ask('client.add', { name: 'rita' })) as { result: { files: string[] } }
    expect(result).not.toHaveProperty('thumbprint')
    expect(result.files).toContain('OpenVPN/vpnconfig.ovpn')
  })
})

describe('a resting data directory', () => {
  it('answers all but what a running gateway knows', async () => {
    const handler = createCommandHandler({
      present: new PresentGateway({ installation, prepared }),
      version: '1',
    })
    await expect(handler.answer({ method: 'status', params: {} })).rejects.toThrow(/not running/)
    const { clients } = (await handler.answer({ method: 'client.list', params: {} })) as {
      clients: unknown[]
    }
    expect(clients).toHaveLength(2)
  })
})
