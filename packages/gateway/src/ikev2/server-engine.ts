import { createNodeCrypto } from '@causeway/crypto-node'
import { createIkev2, type Ikev2Engine } from '@causeway/ikev2'
import type { ResponderTerms } from '../site/responder-terms.ts'

/**
 * The engine of the gateway's IKEv2, of clients and of connections to sites.
 *
 * @param terms of whoever comes to us; asked for anew for each first message, so the same as long as nothing changes.
 */
export function ikev2Engine(terms: () => ResponderTerms): Ikev2Engine {
  return createIkev2({
    crypto: createNodeCrypto(),
    responder: ({ remote }) => terms().of(remote.address),
  })
}
