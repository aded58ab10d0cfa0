import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { OpenVpnClient } from '../harness/openvpn-client.ts'
import { type DialOptions, dial } from '../harness/scenario.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import type { RadiusScenario } from './scenario.ts'

/** A client of OpenVPN with user name and password, for the length of a test. */
export function dialAs(
  scenario: RadiusScenario,
  name: string,
  password: string,
  options: DialOptions & { readonly profile?: string } = {},
): OpenVpnClient {
  const { profile = scenario.profiles.azure, ...rest } = options
  const path = join(scratchDirectory('q'), 'login')
  writeFileSync(path, `${name}\n${password}\n`, { mode: 0o600 })
  const args = ['--auth-user-pass', path, ...(options.args ?? [])]
  const client = dial(scenario, profile, { protocol: 'tcp', ...rest, args })
  onTestFinished(() => client.stop())
  return client
}
