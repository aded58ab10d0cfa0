import { test } from 'vitest'
import { type Credential, publicCertData } from '../harness/certificates.ts'
import type { Site } from '../harness/site-topology.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { importSigned, type Signed, type SignedOptions, sign } from './credentials.ts'
import type { DeviceOptions, DeviceProof, SiteDevice } from './device.ts'
import {
  byKey,
  connectSite,
  disconnectSite,
  expectFlow,
  forTest,
  hasStatus,
  SECRET,
  type SitesScenario,
} from './scenario.ts'

/** How both sides prove who they are. */
export interface ProofCase {
  readonly name: string
  /** Absent: a shared key. */
  readonly certificates?: {
    readonly gateway: SignedOptions
    readonly device: SignedOptions
    /** Who has the intermediates of the device's certificate, where there are any. */
    readonly intermediatesAt: 'device' | 'gateway'
  }
}

export const PROOF_CASES: readonly ProofCase[] = [
  { name: 'a shared key' },
  {
    name: 'RSA, of a root each',
    certificates: { gateway: {}, device: {}, intermediatesAt: 'device' },
  },
  {
    name: 'ECDSA by intermediates, which both send',
    certificates: {
      gateway: { key: 'ecp-256', byIntermediate: true },
      device: { key: 'ecp-256', byIntermediate: true },
      intermediatesAt: 'device',
    },
  },
  {
    name: 'RSA by an intermediate that the device does not send',
    certificates: {
      gateway: { byIntermediate: true },
      device: { byIntermediate: true },
      intermediatesAt: 'gateway',
    },
  },
]

/** A kind of device, and what it can. */
export interface DeviceKind {
  readonly name: string
  readonly site: () => Site
  readonly start: (options: DeviceOptions, proof: ProofCase, role: Role) => Promise<SiteDevice>
  /** It sends intermediates, and takes those that are sent. */
  readonly hasChains: boolean
  readonly families: readonly (4 | 6)[]
}

const ROLES = ['initiator', 'responder'] as const
type Role = (typeof ROLES)[number]

/** Each proof, with the device as initiator and as responder. */
export function describeDevice(scenario: () => SitesScenario, kind: DeviceKind): void {
  const cases = PROOF_CASES.flatMap(proof => ROLES.map(role => [role, proof.name, proof] as const))
  test.each(cases)(`${kind.name} as %s: %s`, async (role, _name, proof) => {
    await connects(scenario(), kind, proof, role)
  })
}

async function connects(
  scenario: SitesScenario,
  kind: DeviceKind,
  proof: ProofCase,
  role: Role,
): Promise<void> {
  const site = kind.site()
  const ends = await endsOf(scenario, proof, kind)
  const start = () => kind.start({ site, gateway: ADDRESSES.gateway, proof: ends.device }, proof, role)
  const connect = (connectionMode: string) =>
    connectSite(scenario, site, { ...ends.connection, connectionMode })
  const waiting = role === 'responder' ? forTest(await start()) : undefined
  const id = await connect(role === 'responder' ? 'Default' : 'ResponderOnly')
  const device = waiting ?? forTest(await start())
  try {
    if (role === 'initiator') await device.initiate()
    await device.up()
    await hasStatus(scenario, id, 'Connected')
    await expectFlow(scenario, site, kind.families)
  } catch (error) {
    const said = lastLines(await device.log())
    throw new Error(`${(error as Error).message}\n--- the device\n${said}`, { cause: error })
  } finally {
    await disconnectSite(scenario, site)
  }
}

function lastLines(text: string): string {
  return text.split('\n').slice(-60).join('\n')
}

interface Ends {
  readonly device: DeviceProof
  readonly connection: object
}

const made = new Map<string, Promise<readonly [Signed, Signed]>>()

async function endsOf(
  scenario: SitesScenario,
  { name, certificates }: ProofCase,
  { hasChains }: DeviceKind,
): Promise<Ends> {
  if (!certificates) return { device: byKey(), connection: { sharedKey: SECRET } }
  const pair =
    made.get(name) ??
    Promise.all([sign('gateway.test', certificates.gateway), sign('site.test', certificates.device)])
  made.set(name, pair)
  const [own, theirs] = await pair
  const isSent = hasChains && certificates.intermediatesAt === 'device'
  const outbound = await importSigned(scenario, `gw-${name.replaceAll(/\W+/g, '-')}`, own)
  return {
    device: {
      type: 'certificate',
      credential: theirs.credential,
      intermediates: isSent ? pathsOf(theirs.intermediates) : [],
      trusts: pathsOf([own.root, ...(hasChains ? [] : own.intermediates)]),
      gatewayIdentity: 'CN=gateway.test',
    },
    connection: {
      authenticationType: 'Certificate',
      certificateAuthentication: {
        outboundAuthCertificate: outbound,
        inboundAuthCertificateSubjectName: 'site.test',
        inboundAuthCertificateChain: [theirs.root, ...(isSent ? [] : theirs.intermediates)].map(
          publicCertData,
        ),
      },
    },
  }
}

function pathsOf(credentials: readonly Credential[]): string[] {
  return credentials.map(({ certificatePath }) => certificatePath)
}
