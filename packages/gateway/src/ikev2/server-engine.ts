import { createNodeCrypto, type Signer } from '@causeway/crypto-node'
import { createIkev2, type Ikev2Engine } from '@causeway/ikev2'
import { readCertificates } from '@causeway/x509'
import type { GatewayConfiguration, GatewayIdentity } from '../configuration.ts'
import { clientTerms } from './peer-terms.ts'

/** What a responder's engine is made from; the configuration is asked for anew for each client. */
export interface ServerEngineParts {
  readonly configuration: () => GatewayConfiguration
  readonly identity: GatewayIdentity
  readonly signer: Signer
}

/** The engine of the gateway's IKEv2 responder. Nobody is answered while `IkeV2` is no tunnel type of it. */
export function ikev2Engine({ configuration, identity, signer }: ServerEngineParts): Ikev2Engine {
  const chain = readCertificates(identity.certificateChain)
  const material = { chain, signer, serverName: identity.serverName }
  // The same configuration gives the same terms: hashing the roots for every client would be waste.
  let known: { readonly configuration: GatewayConfiguration; readonly terms: ReturnType<typeof clientTerms> }
  const terms = (present: GatewayConfiguration) => {
    if (known?.configuration !== present)
      known = { configuration: present, terms: clientTerms(present, material) }
    return known.terms
  }
  return createIkev2({
    crypto: createNodeCrypto(),
    responder: () => (configuration().tunnels.has('IkeV2') ? terms(configuration()) : undefined),
  })
}
