import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { CommandError } from '../quick-start/index.ts'
import type { CommandHandler } from './command-handler.ts'
import { serveControl } from './control-server.ts'
import { type ManagementPort, ManagementSocket } from './management-port.ts'

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-port-'))
})

afterAll(() => rm(directory, { recursive: true }))

/** A gateway whose turn never comes: requests for the management API do not wait for it. */
const silentHandler: CommandHandler = {
  answer: () => new Promise(() => undefined),
  renewCertificate: () => new Promise(() => undefined),
}

describe('requests for the management API', () => {
  const ip = { id: '/subscriptions/s/x/ip', type: 'Microsoft.Network/publicIPAddresses' }
  const applied = { deployment: 'd', group: 'rg', state: 'Succeeded', resources: [], outputs: {} } as const

  /** A management API that refuses what it is not asked about here. */
  function portWith(functions: Partial<ManagementPort>): ManagementPort {
    const refuse = () => Promise.reject(new CommandError('Conflict', 'not here'))
    return {
      addPrincipal: refuse,
      listPrincipals: refuse,
      addPrincipalSecret: refuse,
      removePrincipal: refuse,
      applyTemplate: refuse,
      importCertificate: refuse,
      issueCertificate: refuse,
      listCertificates: refuse,
      showCertificate: refuse,
      diagnoseConnection: refuse,
      ...functions,
    }
  }

  /** Every line that a request brings. */
  async function linesOf(management: ManagementSocket, request: object): Promise<unknown[]> {
    const server = await serveControl(directory, silentHandler, management)
    onTestFinished(() => server.close())
    const socket = createConnection(server.path)
    socket.write(`${JSON.stringify({ id: 9, ...request })}\n`)
    const lines: object[] = []
    for await (const line of createInterface({ input: socket })) {
      lines.push(JSON.parse(line))
      if (!('progress' in (lines.at(-1) as object))) break
    }
    socket.destroy()
    return lines
  }

  it('are answered by it, with progress before the answer', async () => {
    const management = new ManagementSocket()
    const asked: unknown[] = []
    management.attach(
      portWith({
        applyTemplate: async (wanted, onProgress) => {
          asked.push(wanted)
          onProgress({ ...ip, state: 'Running' })
          onProgress({ ...ip, state: 'Succeeded' })
          return applied
        },
      }),
    )
    const params = { document: { resources: [] }, group: 'rg' }
    expect(await linesOf(management, { method: 'template.apply', params })).toEqual([
      { id: 9, progress: { ...ip, state: 'Running' } },
      { id: 9, progress: { ...ip, state: 'Succeeded' } },
      { id: 9, result: applied },
    ])
    expect(asked).toEqual([params])
  })

  it('bring its refusals', async () => {
    const management = new ManagementSocket()
    management.attach(portWith({ listPrincipals: async () => [] }))
    const list = { method: 'principal.list', params: {} }
    expect(await linesOf(management, list)).toEqual([{ id: 9, result: { principals: [] } }])
    const remove = { method: 'principal.remove', params: { name: 'ci' } }
    expect(await linesOf(management, remove)).toMatchObject([
      { error: { code: 'Conflict', message: 'not here' } },
    ])
  })

  it('are refused while it does not run', async () => {
    const management = new ManagementSocket()
    const detach = management.attach(portWith({ listPrincipals: async () => [] }))
    detach()
    const message = 'the management API does not run; start it with --api-port'
    expect(await linesOf(management, { method: 'principal.list', params: {} })).toEqual([
      { id: 9, error: { code: 'Conflict', message } },
    ])
  })

  it('are let go by who attached them last alone', async () => {
    const management = new ManagementSocket()
    const detachFormer = management.attach(portWith({}))
    management.attach(portWith({ listPrincipals: async () => [] }))
    detachFormer()
    const lines = await linesOf(management, { method: 'principal.list', params: {} })
    expect(lines).toEqual([{ id: 9, result: { principals: [] } }])
  })
})
