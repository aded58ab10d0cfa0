import type { VpnClientParameters } from '@causeway/api-contract'
import { type ProfilePackageRequest, pointToSiteOf } from '@causeway/gateway'
import { limits } from '../limits.ts'
import { type ActionCall, ResourceServerError } from '../resources/resource-server.ts'
import { inForce, judgeRunning } from './gateway-resource.ts'
import type { NetworkOptions } from './network-options.ts'

/** The URL of a profile package, which is made when it is fetched. Errors: `Conflict` without point-to-site. */
export function packageUrl(options: NetworkOptions, { resource, body, baseUrl }: ActionCall): string {
  judgeRunning(options, resource.id)
  const running = inForce(options, resource.id)?.resource
  if (!running || !pointToSiteOf(running))
    throw new ResourceServerError(
      'Conflict',
      'The gateway has no point-to-site configuration, and so there is no profile of it. Put it with properties.vpnClientConfiguration first.',
      'properties.vpnClientConfiguration',
    )
  const request = requestOf((body ?? {}) as VpnClientParameters)
  const guid = running.properties.resourceGuid ?? resource.guid
  const url = options.packages.issue(resource.name, { guid, request })
  if (url === undefined)
    throw new ResourceServerError(
      'InvalidParameter',
      `clientRootCertificates: the certificates are too long for the URL of a package, which has ${limits.packageUrlCharacters} characters at most; give fewer of them.`,
      'clientRootCertificates',
    )
  return `${baseUrl}${url}`
}

function requestOf({
  processorArchitecture,
  authenticationMethod,
  radiusServerAuthCertificate,
  clientRootCertificates,
}: VpnClientParameters): ProfilePackageRequest {
  const request = {
    processorArchitecture,
    authenticationMethod,
    radiusServerAuthCertificate,
    clientRootCertificates,
  }
  // Names were spelled as the schema has them.
  return Object.fromEntries(
    Object.entries(request).filter(([, value]) => value !== undefined),
  ) as ProfilePackageRequest
}
