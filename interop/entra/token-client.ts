import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { type AzureClient, connectAsAzure } from '../harness/azure-client.ts'
import type { OpenVpnClient } from '../harness/openvpn-client.ts'
import { editProfile, formatBlock, type ProfileEdit } from '../harness/profile.ts'
import { type DialOptions, dial } from '../harness/scenario.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import type { EntraScenario } from './scenario.ts'

/** What the Azure VPN Client says beside the token; it means nothing. */
export const USER_NAME = 'AzureAD'

/** Takes what proves its owner from a profile. */
const WITHOUT_CERTIFICATE: ProfileEdit = { drop: ['cert', 'key'] }

export interface TokenDialOptions extends DialOptions {
  readonly profile?: string
  readonly userName?: string
}

/** A client of OpenVPN with a token for its password, and no certificate, for the length of a test. */
export function dialWithToken(
  scenario: EntraScenario,
  token: string,
  options: TokenDialOptions = {},
): OpenVpnClient {
  const { profile = scenario.profiles.azure, userName = USER_NAME, edit, ...rest } = options
  const path = join(scratchDirectory('q'), 'login')
  writeFileSync(path, `${userName}\n${token}\n`, { mode: 0o600 })
  const client = dial(scenario, profile, {
    protocol: 'tcp',
    ...rest,
    edit: edit ?? WITHOUT_CERTIFICATE,
    args: ['--auth-user-pass', path],
  })
  onTestFinished(() => client.stop())
  return client
}

/** The stand-in for Azure's VPN Client, whose buffers have room for any token. It alone has routes through the tunnel. */
export async function connectWithToken(scenario: EntraScenario, token: string): Promise<AzureClient> {
  const [namespace] = scenario.topology.clients
  if (!namespace) throw new Error('no client namespace')
  const profile = editProfile(scenario.profiles.azure, WITHOUT_CERTIFICATE)
  const signIn = formatBlock('auth-user-pass', `${USER_NAME}\n${token}`)
  const client = await connectAsAzure(namespace, `${profile}${signIn}\n`)
  onTestFinished(async () => {
    await client.process.stop()
  })
  return client
}

/** How the gateway's log has a line of a client that it does not let in. */
export interface Refusal {
  readonly reason: string
}

/** Waits for the first refusal after a mark in the log of the gateway. */
export async function refusalAfter({ gateway }: EntraScenario, mark: number): Promise<Refusal> {
  const line = await gateway.logged(/"msg":"client refused: /, 10_000, mark)
  return JSON.parse(line) as Refusal
}

/** The gateway refuses a token, for a reason that its log has in full, and of which the user is told less. */
export async function expectRefused(
  scenario: EntraScenario,
  token: string,
  expected: { readonly told: string; readonly logged: string | RegExp },
  options: TokenDialOptions = {},
): Promise<void> {
  const mark = scenario.gateway.process.mark()
  const client = dialWithToken(scenario, token, options)
  await client.process.ended(30_000)
  expect(client.process.log()).toContain(`AUTH_FAILED,${expected.told}\n`)
  const { reason } = await refusalAfter(scenario, mark)
  if (typeof expected.logged === 'string') expect(reason).toBe(`access token refused: ${expected.logged}`)
  else expect(reason).toMatch(expected.logged)
  expect(scenario.gateway.process.log(mark)).not.toMatch(/ connected"/)
}

/** Where a token shows: its claims and its signature, long enough that nothing else looks like them. */
export function tokenMarks(token: string): readonly string[] {
  const [, claims = '', signature = ''] = token.split('.')
  return [claims.slice(0, 40), claims.slice(-40), ...(signature === '' ? [] : [signature.slice(0, 40)])]
}
