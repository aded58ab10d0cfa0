import { createTlsContext, type TlsContext } from '@causeway/control-tls'
import type { FuzzTarget } from '../target.ts'

const POLICY = {
  minimum: 'TLSv1.2',
  maximum: 'TLSv1.3',
  ciphers: ['TLS_AES_256_GCM_SHA384', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  exports: [],
} as const

/** Whatever a stranger sends to one end: an answer, a failure in words, or silence, and then nothing more. */
function endOf(role: 'server' | 'client', seeds: () => readonly Uint8Array[]): FuzzTarget {
  let context: TlsContext | undefined
  return {
    name: `tls-${role}`,
    seeds,
    run: input => {
      context ??= createTlsContext({ ...POLICY, role })
      const end = context.open()
      end.start()
      const { established, plaintext, failure } = end.input(input)
      if (established !== undefined || plaintext !== undefined) throw new Error('established by a stranger')
      const later = end.input(input)
      if (failure !== undefined && Object.keys(later).length > 0) throw new Error('alive after its failure')
      end.close()
    },
  }
}

/** The first flights of clients of both versions. */
function hellos(): Uint8Array[] {
  return (['TLSv1.2', 'TLSv1.3'] as const).map(maximum => {
    const hello = createTlsContext({ ...POLICY, role: 'client', maximum })
      .open()
      .start().records
    return hello ?? new Uint8Array(0)
  })
}

/** An alert record (RFC 8446 §6): fatal, handshake_failure. */
const HANDSHAKE_FAILURE = Uint8Array.of(21, 3, 3, 0, 2, 2, 40)

export const tlsRecords: readonly FuzzTarget[] = [
  endOf('server', hellos),
  endOf('client', () => [HANDSHAKE_FAILURE]),
]
