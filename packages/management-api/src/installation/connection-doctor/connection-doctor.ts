import type { Connection, FindingView } from '@causeway/api-contract'
import { connectionNamed, type ManagementPort } from '@causeway/gateway'
import type { Resource } from '../../resources/document.ts'
import type { DoctorOptions, Examined } from './examined.ts'
import { gatewayLinks } from './gateway-links.ts'
import { identityLinks } from './identity-links.ts'
import { inboundLinks } from './inbound-links.ts'
import { keyLink, peerLinks } from './peer-links.ts'
import { vaultLinks } from './vault-links.ts'

export type { DoctorOptions } from './examined.ts'

const CONNECTION = 'Microsoft.Network/connections'

/** Looks at everything that a connection hangs by, in the order in which each link needs those before. Changes nothing. */
export function createConnectionDoctor(options: DoctorOptions): ManagementPort['diagnoseConnection'] {
  return async ({ name }) => {
    const examined = await examinedOf(options, name)
    const findings = await findingsOf(options, examined)
    const broken = findings.find(({ state }) => state === 'bad')
    return { connection: examined.id, findings, ...(broken && { firstBroken: broken.check }) }
  }
}

async function examinedOf(options: DoctorOptions, wanted: string): Promise<Examined> {
  const { resources, gateway } = options
  const found = connectionNamed(await storedConnections(options), wanted)
  const { body } = await resources.bodiesOf(found.resource)
  const { id, name } = found
  const record = gateway.connections().find(each => each.id === id.toLowerCase())
  // Its shape was checked when it was put.
  const connection = body as unknown as Connection
  return { id, name, document: found.resource.document, connection, record }
}

async function storedConnections({
  resources,
}: DoctorOptions): Promise<{ id: string; name: string; resource: Resource }[]> {
  const found: { id: string; name: string; resource: Resource }[] = []
  for await (const resource of resources.below(undefined)) {
    const { id, type } = resource.document
    if (type === CONNECTION) found.push({ id, name: id.split('/').at(-1) ?? '', resource })
  }
  return found
}

async function findingsOf(options: DoctorOptions, examined: Examined): Promise<readonly FindingView[]> {
  const isCertificate = examined.connection.properties.authenticationType === 'Certificate'
  const proof = isCertificate ? await certificateLinks(options, examined) : [keyLink(examined)]
  const ours = [...gatewayLinks(options, examined), ...proof]
  return [...ours, ...(await peerLinks(options, examined, ours))]
}

async function certificateLinks(options: DoctorOptions, examined: Examined): Promise<readonly FindingView[]> {
  const { findings, identities } = await identityLinks(options)
  return [
    ...findings,
    ...(await vaultLinks(options, examined, identities)),
    ...inboundLinks(options, examined),
  ]
}
