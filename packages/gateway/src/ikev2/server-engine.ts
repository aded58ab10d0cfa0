import { createNodeCrypto } from '@causeway/crypto-node'
import { createIkev2, type Ikev2Engine } from '@causeway/ikev2'
import type { GatewayConfiguration } from '../configuration.ts'
import { clientTerms, type ResponderMaterial } from './peer-terms.ts'

/** What a responder's engine is made from; both are asked for anew for each client. */
export interface ServerEngineParts {
  readonly configuration: () => GatewayConfiguration
  readonly material: () => ResponderMaterial
}

/** The engine of the gateway's IKEv2 responder. Nobody is answered while `IkeV2` is no tunnel type of it. */
export function ikev2Engine({ configuration, material }: ServerEngineParts): Ikev2Engine {
  // The same configuration gives the same terms: hashing the roots for every client would be waste.
  const terms = rememberedLast(clientTerms)
  return createIkev2({
    crypto: createNodeCrypto(),
    responder: () => (configuration().tunnels.has('IkeV2') ? terms(configuration(), material()) : undefined),
  })
}

function rememberedLast<First extends object, Second extends object, Value>(
  make: (first: First, second: Second) => Value,
): (first: First, second: Second) => Value {
  let last: { readonly first: First; readonly second: Second; readonly value: Value } | undefined
  return (first, second) => {
    if (last?.first !== first || last.second !== second) last = { first, second, value: make(first, second) }
    return last.value
  }
}
