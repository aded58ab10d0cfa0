import { createTlsContext, type TlsContext } from '@causeway/control-tls'
import { EAP_TLS_EXPORTS } from '@causeway/eap'
import { SUITES_OF_TLS_1_2 } from './control-context.ts'

/** TLS around SSTP in the client role: no certificate of its own, SSTP authenticates inside. */
export function sstpClientTlsContext(serverName: string): TlsContext {
  return createTlsContext({
    role: 'client',
    minimum: 'TLSv1.2',
    maximum: 'TLSv1.2',
    ciphers: SUITES_OF_TLS_1_2,
    exports: [],
    serverName,
  })
}

/** TLS inside EAP in the peer's role. Errors: `ERR_TLS_SETTINGS`. */
export function eapPeerTlsContext(certificateChain: string, privateKey: string): TlsContext {
  return createTlsContext({
    role: 'client',
    certificateChain,
    privateKey,
    minimum: 'TLSv1.2',
    maximum: 'TLSv1.2',
    ciphers: SUITES_OF_TLS_1_2,
    exports: EAP_TLS_EXPORTS,
  })
}
