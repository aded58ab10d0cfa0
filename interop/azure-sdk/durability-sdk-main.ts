// A program that counts a tag up, as programs on Azure do: with @azure/arm-network, unmodified, and If-Match. One plan
// in, one line of JSON out.
import { NetworkManagementClient as Client36 } from '@azure/arm-network'
import { NetworkManagementClient as Client39 } from '@azure/arm-network-39'
import { ClientSecretCredential } from '@azure/identity'
import type { CountingOutcome, CountingPlan } from './durability-place.ts'

interface Resource {
  readonly etag?: string
  readonly tags?: { readonly count?: string }
}

const plan = JSON.parse(process.argv[2] ?? '') as CountingPlan
const { sdk, place, path, times } = plan
const credential = new ClientSecretCredential(
  place.tenantId,
  place.owner.clientId,
  place.owner.clientSecret,
  {
    authorityHost: place.baseUrl,
    disableInstanceDiscovery: true,
  },
)
const { localNetworkGateways: old } = new Client36(credential, place.subscriptionId, {
  endpoint: place.baseUrl,
})
const { localNetworkGateways: modular } = new Client39(credential, place.subscriptionId, {
  endpoint: place.baseUrl,
})

let conflicts = 0
for (let acknowledged = 0; acknowledged < times; ) {
  if (await countUp()) acknowledged++
  else conflicts++
}
const outcome: CountingOutcome = { conflicts }
process.stdout.write(`outcome ${JSON.stringify(outcome)}\n`)

/** False: somebody else was quicker. */
async function countUp(): Promise<boolean> {
  const present: Resource = sdk === '36' ? await old.get(...path) : await modular.get(...path)
  const next = { ...present, tags: { count: String(Number(present.tags?.count ?? Number.NaN) + 1) } }
  const headers = { 'If-Match': present.etag ?? '' }
  try {
    if (sdk === '36')
      await old.beginCreateOrUpdateAndWait(...path, next, { requestOptions: { customHeaders: headers } })
    else await modular.createOrUpdate(...path, next, { requestOptions: { headers } })
    return true
  } catch (error) {
    if ((error as { readonly statusCode?: number }).statusCode === 412) return false
    throw error
  }
}
