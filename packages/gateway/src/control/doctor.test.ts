import { mkdir, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { formatPem, issueRoot } from '@causeway/x509'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { prepareGateway } from '../quick-start/index.ts'
import {
  INTERFACES,
  type ScratchInstallation,
  scratchInstallation,
} from '../quick-start/scratch-installation.suite.ts'
import { examineMachine } from './doctor.ts'
import type { Finding } from './finding.ts'

let installation: ScratchInstallation

beforeAll(async () => {
  const real = await scratchInstallation()
  const now = Math.floor(Date.now() / 1000)
  installation = { ...real, unixSeconds: () => now }
  await prepareGateway(installation, { listen: '127.0.0.1:1' }, INTERFACES)
})

afterAll(() => installation.remove())

async function finding(check: string, isRunning = false): Promise<Finding | undefined> {
  const findings = await examineMachine(installation.data.path, isRunning)
  return findings.find(found => found.check === check)
}

describe('examineMachine', () => {
  it('looks at everything that a gateway needs, with a fix for all that is not good', async () => {
    const findings = await examineMachine(installation.data.path, false)
    const checks = ['root', 'tun', 'ip', 'nft', 'forwarding', 'clock', 'configuration', 'CA certificate']
    expect(findings.map(({ check }) => check)).toEqual(expect.arrayContaining(checks))
    for (const { state, fix } of findings) expect(fix === undefined).toBe(state === 'good')
  })

  it('finds configuration and certificates good', async () => {
    expect(await finding('configuration')).toMatchObject({ state: 'good' })
    expect(await finding('server certificate')).toMatchObject({ state: 'good' })
  })

  it('finds an installation without a gateway good, and asks for no port', async () => {
    const idle = await scratchInstallation()
    onTestFinished(() => idle.remove())
    await prepareGateway(idle, { gateway: 'none' }, INTERFACES)
    const findings = await examineMachine(idle.data.path, false)
    expect(findings.find(({ check }) => check === 'configuration')).toEqual({
      check: 'configuration',
      state: 'good',
      detail: 'there is no gateway; the installation is good',
    })
    expect(findings.filter(({ check }) => / port [0-9]/.test(check))).toEqual([])
  })

  it('looks at the certificate that the operator brought, and at what it is for', async () => {
    const validity = { notBefore: 0, notAfter: Math.floor(Date.now() / 1000) + 10 * 86_400 }
    const options = { commonName: 'vpn.example.org', key: 'ecdsa-p256', ...validity } as const
    const { certificate } = await issueRoot(options)
    const chain = formatPem(certificate)
    const { documents } = installation.data
    await documents.write('certificates/given', { chain, root: chain, name: 'vpn.example.org' }, 0)
    onTestFinished(() => documents.remove('certificates/given', 1).then(() => undefined))
    const findings = await examineMachine(installation.data.path, false)
    const fix = expect.stringContaining('causeway certificate set')
    expect(findings.filter(({ check }) => check === 'server certificate')).toMatchObject([
      { state: 'warning', detail: expect.stringMatching(/^ends on /), fix },
      { state: 'warning', detail: 'is not for 127.0.0.1', fix },
    ])
  })

  it('takes a directory that is new for what it is', async () => {
    const findings = await examineMachine(join(installation.data.path, 'new'), false)
    expect(findings.find(({ check }) => check === 'configuration')?.detail).toContain('none yet')
  })

  it('finds a port that is taken, unless the gateway itself has it', async () => {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => new Promise(resolve => server.close(() => resolve())))
    const { port } = server.address() as AddressInfo
    await prepareGateway(installation, { listen: `127.0.0.1:${port}` }, INTERFACES)
    const check = `tcp 127.0.0.1 port ${port}`
    expect(await finding(check)).toMatchObject({ state: 'bad', detail: 'taken by another program' })
    expect(await finding('ports', true)).toMatchObject({ state: 'good' })
  })

  it('finds a document that somebody has broken', async () => {
    const { documents } = installation.data
    const key = 'settings/causeway'
    const former = await documents.read(key)
    await documents.write(key, { nat: 'maybe' }, former?.version ?? 0)
    expect(await finding('configuration')).toMatchObject({
      state: 'bad',
      detail: expect.stringContaining('nat: '),
    })
    await documents.write(key, former?.value, (former?.version ?? 0) + 1)
  })

  it('finds a damaged database, in everything that is read from it', async () => {
    const directory = join(installation.data.path, 'damaged')
    await mkdir(directory)
    await writeFile(join(directory, 'causeway.db'), 'not a database, but long enough to be one'.repeat(100))
    const findings = await examineMachine(directory, false)
    for (const check of ['configuration', 'CA certificate', 'server certificate'])
      expect(findings.find(found => found.check === check)).toMatchObject({
        state: 'bad',
        detail: expect.stringContaining('it is damaged'),
      })
  })
})
