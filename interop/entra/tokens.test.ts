import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuthority, issue } from '../harness/certificates.ts'
import { createSigningKey } from '../harness/entra-tenant.ts'
import type { TenantUser } from '../harness/entra-tenant-directory.ts'
import { reaches } from '../harness/ping.ts'
import { withCredential } from '../harness/profile.ts'
import { expectInside } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { aliceClaims, confusedToken, signToken, unsignedToken } from './forged-token.ts'
import { ALICE, AUDIENCE, DORA, FRANK, ISSUER, TENANT } from './people.ts'
import {
  type EntraScenario,
  entraEndpoints,
  entraSettings,
  openEntra,
  PUBLIC_CHOICE,
  serveEntra,
  sessionsOf,
  TENANT_ADDRESS,
} from './scenario.ts'
import { connectWithToken, dialWithToken, expectRefused, refusalAfter, tokenMarks } from './token-client.ts'

// Access tokens of a tenant as passwords, at one gateway. What Microsoft's hosts would sign, an OpenID provider does.

const [V1, V2] = entraEndpoints(TENANT, ISSUER)
const OTHER_TENANT = '99999999-2222-4333-8444-555555555555'
const OTHER_AUDIENCE = '51bb15d4-3a4f-4ebf-9dca-40096fe32426'
const SECONDS_PAST_EXPIRY = 1

let scenario: EntraScenario
/** The provider's next key. */
let second: JWK
/** All that the clients have sent. */
const used: string[] = []
/** Of the gateways before the one that runs. */
let earlierLog = ''

beforeAll(async () => {
  second = await createSigningKey('second')
  scenario = await openEntra({ endpoints: [V1, V2] })
  const authority = `https://${TENANT_ADDRESS}${V1.path}`
  const settings = entraSettings(scenario, { authority, sessionSecondsPastExpiry: SECONDS_PAST_EXPIRY })
  await serveEntra(scenario, { ...PUBLIC_CHOICE, types: ['AAD', 'Certificate'] }, settings)
})

afterAll(async () => {
  await scenario?.tenant.stop()
  await scenario?.close()
})

/** The provider's own. */
async function tokenOf(user: TenantUser, audience = AUDIENCE, endpoint = V1): Promise<string> {
  return recorded(await scenario.tenant.accessToken(user, audience, endpoint))
}

/** Signed by the provider's key, with claims that the provider would not have signed. */
async function tokenWith(
  claims: Readonly<Record<string, unknown>>,
  signing: { readonly keyId?: string } = {},
): Promise<string> {
  return recorded(await signToken({ ...aliceClaims(), ...claims }, { key: scenario.tenant.key, ...signing }))
}

function recorded(token: string): string {
  used.push(token)
  return token
}

const now = (): number => Math.floor(Date.now() / 1_000)

/** The keys of the gateway are younger than the floor. */
async function expectNoKeyYet(token: string, keyId: string): Promise<void> {
  const mark = scenario.gateway.process.mark()
  const client = dialWithToken(scenario, token)
  await client.waitFor(/AUTH_FAILED,TEMP/)
  const { reason } = await refusalAfter(scenario, mark)
  const unknown = `no key of the provider has the id "${keyId}"`
  expect(reason).toBe(`access token refused: ${unknown}, and it is too early to fetch the keys again`)
}

// Until the floor is over, the other tests have their turn.
test('a key that the provider has added is not fetched before the floor', async () => {
  await dialWithToken(scenario, await tokenOf(ALICE)).connected()
  await scenario.tenant.publishKeys([scenario.tenant.key, second])
  await expectNoKeyYet(recorded(await signToken(aliceClaims(), { key: second })), 'second')
  expect(scenario.tenant.keyRequests()).toBe(1)
})

describe('a token of the provider lets in its user', () => {
  test.each(['AzureAD', 'mallory@corp.example'])('whatever name is beside it: %s', async userName => {
    const client = dialWithToken(scenario, await tokenOf(ALICE), { userName })
    const lease = await client.connected()
    await expectInside(client)
    const sessions = await sessionsOf(scenario)
    expect(sessions).toMatchObject([{ user: ALICE.upn, protocol: 'OpenVPN' }])
    expect(sessions[0]?.innerAddresses).toContain(lease.address)
    await scenario.gateway.logged(new RegExp(`"identity":"${ALICE.upn} \\(Entra ID, ${ALICE.oid}\\)"`))
  })

  test('with tls-crypt-v2 over UDP', async () => {
    const profile = scenario.profiles.hardened
    const client = dialWithToken(scenario, await tokenOf(ALICE), { profile, protocol: 'udp' })
    await client.connected()
    await expectInside(client)
  })

  // Debian's openvpn reads 4 KB of password, but has 2 KB for the message that takes it to the server.
  test('of 2.3 KB and more, through Causeway’s own client', async () => {
    const token = await tokenOf(FRANK)
    expect(token.length).toBeGreaterThan(2_300)
    const client = await connectWithToken(scenario, token)
    const [namespace] = scenario.topology.clients
    await expect.poll(() => namespace && reaches(namespace, ADDRESSES.inside), { timeout: 15_000 }).toBe(true)
    expect(await sessionsOf(scenario)).toMatchObject([{ user: FRANK.upn }])
    await client.process.stop()
  })
})

describe('a token is refused', () => {
  interface Row {
    readonly what: string
    readonly token: () => Promise<string> | string
    readonly told: string
    readonly logged: string | RegExp
  }

  const unreadable = 'the access token is not valid'
  const otherIssuer = (issuer: string): Pick<Row, 'told' | 'logged'> => ({
    told: 'token of another issuer',
    logged: `issuer "${issuer}" is not "${ISSUER}"`,
  })
  const otherAudience = (audience: string): Pick<Row, 'told' | 'logged'> => ({
    told: 'token for another application',
    logged: `audience "${audience}" is not "${AUDIENCE}"`,
  })

  test.each<Row>([
    {
      what: 'that is for another application',
      token: () => tokenOf(ALICE, OTHER_AUDIENCE),
      ...otherAudience(OTHER_AUDIENCE),
    },
    {
      what: 'that is for our application by another of its names',
      token: () => tokenOf(ALICE, `api://${AUDIENCE}`),
      ...otherAudience(`api://${AUDIENCE}`),
    },
    {
      what: 'whose issuer has no slash at its end',
      token: () => tokenWith({ iss: ISSUER.slice(0, -1) }),
      ...otherIssuer(ISSUER.slice(0, -1)),
    },
    {
      what: 'of version 2.0',
      token: () => tokenOf(ALICE, AUDIENCE, V2),
      ...otherIssuer(V2.issuer),
    },
    {
      what: 'that nobody has signed',
      token: () => recorded(unsignedToken(aliceClaims())),
      told: unreadable,
      logged: 'the token is signed by "none", which is no algorithm for tokens here',
    },
    {
      what: 'that is signed by HS256 with the public key',
      token: () => recorded(confusedToken(aliceClaims(), scenario.tenant.key)),
      told: unreadable,
      logged: 'the token is signed by "HS256", which is no algorithm for tokens here',
    },
    {
      what: 'that another key has signed in the name of the provider’s',
      token: async () =>
        recorded(await signToken(aliceClaims(), { key: await createSigningKey('mine'), keyId: 'first' })),
      told: unreadable,
      logged: 'the signature is wrong',
    },
    {
      what: 'that was changed after it was signed',
      token: async () => {
        const [header, , signature] = (await tokenOf(ALICE)).split('.')
        const claims = JSON.stringify({ ...aliceClaims(), upn: 'root@corp.example' })
        return recorded(`${header}.${Buffer.from(claims).toString('base64url')}.${signature}`)
      },
      told: unreadable,
      logged: 'the signature is wrong',
    },
    {
      what: 'that has expired, by more than clocks may differ',
      token: () => tokenWith({ iat: now() - 4_000, nbf: now() - 4_000, exp: now() - 301 }),
      told: 'the sign-in has expired, sign in again',
      logged: /^access token refused: the token expired 3\d\d s ago$/,
    },
    {
      what: 'that is not yet valid, by more than clocks may differ',
      token: () => tokenWith({ nbf: now() + 400 }),
      told: 'the sign-in is not valid yet',
      logged: /^access token refused: the token holds from (400|3\d\d) s ahead: compare the clocks/,
    },
    {
      what: 'of another tenant',
      token: () => tokenWith({ tid: OTHER_TENANT }),
      told: 'token of another tenant',
      logged: `tenant "${OTHER_TENANT}" is not ${TENANT}`,
    },
    {
      what: 'of no tenant',
      token: () => tokenWith({ tid: undefined }),
      told: 'token of another tenant',
      logged: `tenant "" is not ${TENANT}`,
    },
    {
      what: 'of an application without a user',
      token: () => tokenWith({ idtyp: 'app' }),
      told: 'token of an application',
      logged: 'an application signed in, not a user (idtyp)',
    },
  ])('$what', async ({ token, told, logged }) => {
    await expectRefused(scenario, await token(), { told, logged })
  })
})

// Who brings a token is judged by it; a certificate is for those who bring none.
describe('beside a certificate', () => {
  const otherAudience = { told: 'token for another application', logged: /audience/ }

  test('a token decides who comes with a certificate too', async () => {
    await dialWithToken(scenario, await tokenOf(ALICE), { edit: {} }).connected()
    expect(await sessionsOf(scenario)).toMatchObject([{ user: ALICE.upn }])
  })

  test('a bad token is not made good by a certificate', async () => {
    const token = await tokenOf(ALICE, OTHER_AUDIENCE)
    await expectRefused(scenario, token, otherAudience, { edit: {} })
  })

  test('a bad certificate without a token is refused as such', async () => {
    const stranger = await createAuthority('Stranger', 'ecp-256')
    const credential = await issue(stranger, { commonName: 'mallory', key: 'ecp-256' })
    const mark = scenario.gateway.process.mark()
    // What is no token is left to the certificate.
    const client = dialWithToken(scenario, 'x', { edit: withCredential(credential) })
    await client.waitFor(/AUTH_FAILED,certificate not accepted/)
    expect((await refusalAfter(scenario, mark)).reason).toMatch(/^client certificate refused: /)
  })
})

describe('a session ends with its token', () => {
  test('so long after it as the settings have it', async () => {
    const token = await tokenOf(DORA)
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      exp: number
    }
    const client = dialWithToken(scenario, token)
    await client.connected()
    const ends = `${DORA.upn} disconnected: the time of the session is over`
    await scenario.gateway.logged(new RegExp(ends), 20_000)
    expect(Date.now() / 1_000).toBeGreaterThanOrEqual(claims.exp + SECONDS_PAST_EXPIRY)
    await client.waitFor(/AUTH_FAILED/)
    expect(await sessionsOf(scenario)).toEqual([])
    // It is not long enough ago that clocks would make it invalid.
    const logged = 'the time of its session is over (sessionSecondsPastExpiry)'
    await expectRefused(scenario, token, { told: 'the sign-in has expired, sign in again', logged })
  })
})

describe('a key of the provider', () => {
  test('that has come anew is fetched as soon as the floor allows, and not before', async () => {
    // The client is told that it is worth trying again, and does.
    await scenario.tenant.publishKeys([second])
    const client = dialWithToken(scenario, await tokenOf(ALICE))
    await client.connected(90_000)
    expect(scenario.tenant.keyRequests()).toBe(2)
  })

  test('that does not exist is not fetched', async () => {
    const token = await tokenWith({}, { keyId: 'made up' })
    await expectNoKeyYet(token, 'made up')
    expect(scenario.tenant.keyRequests()).toBe(2)
  })
})

describe('when the provider is gone', () => {
  test('a gateway without its keys lets nobody in, until it is back', async () => {
    const token = await tokenOf(ALICE)
    await scenario.tenant.stop()
    await scenario.gateway.stop()
    earlierLog = scenario.gateway.process.log()
    await scenario.gateway.restart()
    const client = dialWithToken(scenario, token)
    await client.waitFor(/AUTH_FAILED,TEMP/)
    const reason = `access token refused: no keys: ${TENANT_ADDRESS} cannot be reached: ECONNREFUSED`
    expect((await refusalAfter(scenario, 0)).reason).toBe(reason)
    await scenario.tenant.restart()
    await client.connected(60_000)
  })

  test('the keys that the gateway has serve on', async () => {
    const token = await tokenOf(ALICE)
    await scenario.tenant.stop()
    const client = dialWithToken(scenario, token)
    await client.connected()
    await expectInside(client)
  })
})

test('nothing of a token is in the log, and nothing is kept of it', async () => {
  const { process, data } = scenario.gateway
  const files = readdirSync(data, { recursive: true, withFileTypes: true })
  const kept = files
    .filter(file => file.isFile())
    .map(file => readFileSync(join(file.parentPath, file.name), 'latin1'))
  const text = [earlierLog, process.log(), JSON.stringify(await sessionsOf(scenario)), ...kept].join('\n')
  expect(text).toContain(`${ALICE.upn} connected`)
  const marks = used.flatMap(tokenMarks)
  expect(marks.length).toBeGreaterThan(50)
  expect(marks.filter(mark => text.includes(mark))).toEqual([])
})
