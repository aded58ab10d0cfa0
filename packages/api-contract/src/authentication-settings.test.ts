import { describe, expect, it } from 'vitest'
import { formatDocumentFault } from './document-fault.ts'
import { completeGatewaySettings, readGatewaySettings } from './gateway-settings.ts'

function lines(value: unknown): string[] {
  const read = readGatewaySettings(value)
  return read.type === 'bad' ? read.faults.map(formatDocumentFault) : []
}

describe('the settings of authentication', () => {
  it('have defaults for what ARM has no place for', () => {
    const { radius, entra, users, groups } = completeGatewaySettings({})
    expect({ radius, entra, users, groups }).toEqual({
      radius: {
        timeoutSeconds: 30,
        passwordProtocol: 'pap',
        accounting: false,
        accountEverySession: false,
        interimSeconds: 0,
        servers: [],
      },
      entra: { sessionSecondsPastExpiry: 28_800, additionalAudiences: [] },
      users: { maximumSeconds: 0, idleSeconds: 0, reauthenticationSeconds: 0, devicesPerUser: 0 },
      groups: [],
    })
  })

  it('hear CoA only where they say so, on its own port by default', () => {
    const port = (dynamicAuthorization: { port?: number }) =>
      completeGatewaySettings({ radius: { dynamicAuthorization } }).radius.dynamicAuthorization?.port
    expect([port({}), port({ port: 3_800 })]).toEqual([3_799, 3_800])
  })

  it('sign in through the browser only where they say so', () => {
    const { browser } = completeGatewaySettings({ entra: { browser: { clientId: 'vpn' } } }).entra
    expect(browser).toEqual({
      clientId: 'vpn',
      scopes: ['openid', 'profile', 'email', 'offline_access'],
      timeoutSeconds: 180,
      recheckSeconds: 900,
      sameAddress: true,
    })
  })

  it.each([
    [{ radius: { secret: 'x' } }, 'radius.secret: is not a known option'],
    [{ radius: { timeoutSeconds: 0 } }, 'radius.timeoutSeconds: 0 is out of bounds; it must be >= 1'],
    [{ radius: { servers: [{ transport: 'tls' }] } }, 'radius.servers[0].address: is missing; add it'],
    [
      { radius: { servers: [{ address: 'a', transport: 'dtls' }] } },
      "radius.servers[0].transport: 'dtls' is not allowed; use one of udp, tls",
    ],
    [{ radius: { servers: [{ address: 'a', accountingPort: 0 }] } }, 'accountingPort: 0 is out of bounds'],
    [{ entra: { audience: 'x' } }, 'entra.audience: is not a known option'],
    [{ entra: { sessionSecondsPastExpiry: -1 } }, 'sessionSecondsPastExpiry: -1 is out of bounds'],
    [{ entra: { browser: {} } }, 'entra.browser.clientId: is missing; add it'],
    [{ entra: { browser: { clientId: 'a', timeoutSeconds: 601 } } }, 'timeoutSeconds: 601 is out of bounds'],
    [{ entra: { browser: { clientId: 'a', scopes: ['open id'] } } }, 'entra.browser.scopes[0]: '],
    [{ entra: { browser: { clientId: 'a', clientSecret: 7 } } }, 'clientSecret: [secret] is not '],
    [{ users: { devicesPerUser: 1.5 } }, 'users.devicesPerUser: 1.5 is not an integer'],
    [{ groups: [{ routes: [] }] }, 'groups[0].name: is missing; add it'],
  ])('say in one line what is wrong with %j', (document, line) => {
    const found = lines(document)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(line)
  })
})
