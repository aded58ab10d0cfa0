import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { VirtualNetworkGateway } from '@causeway/api-contract'
import { AUDIENCE, ISSUER, TENANT } from '../../interop/entra/people.ts'
import { Causeway } from '../../interop/harness/causeway.ts'
import type { Credential } from '../../interop/harness/certificates.ts'
import { editProfile } from '../../interop/harness/profile.ts'
import { applyGateway, applySettings, gatewayDocument } from '../../interop/harness/scenario.ts'
import { scratchDirectory } from '../../interop/harness/scratch.ts'
import { ADDRESSES } from '../../interop/harness/topology.ts'
import { type Ground, INSIDE, SERVER } from '../ground.ts'
import { RADIUS_SECRET } from './radius-responder.ts'

/** A server that runs, and the profile that reaches it, without whoever signs in. */
export interface SignInServer {
  readonly pid: number
  readonly profile: string
  stop(): Promise<void>
}

/** A gateway whose memory can be looked into. */
export interface Gateway extends SignInServer {
  /** After a collection of garbage, in megabytes. */
  memory(): Promise<Memory>
  /** How many lines about refusals it has logged. */
  refusalLines(): number
}

export interface Memory {
  readonly heap: number
  readonly resident: number
}

type ClientConfiguration = NonNullable<VirtualNetworkGateway['properties']['vpnClientConfiguration']>

const PROBE: string = fileURLToPath(new URL('./memory-probe.mjs', import.meta.url))

/** Users sign in by RADIUS, at the responder. */
export function startByRadius(ground: Ground): Promise<Gateway> {
  return startGateway(ground, gateway =>
    applyGateway(
      gateway,
      documentOf(gateway, {
        vpnAuthenticationTypes: ['Radius'],
        radiusServers: [
          { radiusServerAddress: INSIDE, radiusServerScore: 30, radiusServerSecret: RADIUS_SECRET },
        ],
      }),
    ),
  )
}

/** Users sign in by tokens of the tenant at the inside host, whose certificate leads to this authority. */
export function startByToken(ground: Ground, { certificatePath }: Credential): Promise<Gateway> {
  return startGateway(ground, async gateway => {
    await applyGateway(
      gateway,
      documentOf(gateway, {
        vpnAuthenticationTypes: ['AAD'],
        aadTenant: `https://login.microsoftonline.com/${TENANT}`,
        aadIssuer: ISSUER,
        aadAudience: AUDIENCE,
      }),
    )
    const httpsAuthority = readFileSync(certificatePath, 'utf8')
    await applySettings(gateway, { entra: { httpsAuthority, authority: `https://${INSIDE}/${TENANT}` } })
  })
}

async function startGateway(
  ground: Ground,
  configure: (gateway: Causeway) => Promise<void>,
): Promise<Gateway> {
  const options = { namespace: ground.server, host: SERVER, inside: ADDRESSES.insideNetwork }
  const gateway = await withProbe(() =>
    Causeway.start({ ...options, data: join(scratchDirectory('d'), 'data') }),
  )
  const { azure } = await gateway.addClient('bench')
  await configure(gateway)
  const drop = ['proto', 'log', 'disable-dco', 'auth-user-pass', 'cert', 'key']
  return {
    pid: gateway.process.pid,
    profile: editProfile(azure, { drop, add: ['proto udp', 'disable-dco'] }),
    memory: () => readMemory(gateway),
    refusalLines: () => gateway.process.lines.filter(({ text }) => /refus/.test(text)).length,
    stop: () => gateway.stop(),
  }
}

/** Nothing but the environment reaches the gateway's own process. */
function withProbe<Result>(start: () => Result): Result {
  const { NODE_OPTIONS: before = '' } = process.env
  Object.assign(process.env, { NODE_OPTIONS: `${before} --import=${PROBE}` })
  try {
    return start()
  } finally {
    Object.assign(process.env, { NODE_OPTIONS: before })
  }
}

async function readMemory({ process: running }: Causeway): Promise<Memory> {
  const mark = running.mark()
  running.signal('SIGUSR2')
  const { text } = await running.waitFor(/^memory \d+ \d+$/, 10_000, mark)
  const [heap = 0, resident = 0] = text.split(' ').slice(1).map(Number)
  return { heap: heap / 2 ** 20, resident: resident / 2 ** 20 }
}

function documentOf(gateway: Causeway, access: Partial<ClientConfiguration>): VirtualNetworkGateway {
  const document = gatewayDocument(gateway, [])
  const { vpnClientConfiguration, ...properties } = document.properties
  const { vpnClientAddressPool, vpnClientProtocols } = vpnClientConfiguration ?? {}
  return {
    ...document,
    properties: {
      ...properties,
      vpnClientConfiguration: {
        ...(vpnClientAddressPool && { vpnClientAddressPool }),
        ...(vpnClientProtocols && { vpnClientProtocols }),
        ...access,
      },
    },
  }
}
