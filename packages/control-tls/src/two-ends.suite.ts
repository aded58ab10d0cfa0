import type { TlsExport } from './key-export.ts'
import type { TlsConnection, TlsEstablished, TlsReport } from './tls-connection.ts'
import { createTlsContext, type TlsContext, type TlsSettings } from './tls-context.ts'

/** As OpenVPN and EAP-TLS take them: without a context value, with one, and with an empty one. */
export const EXPORTS: readonly TlsExport[] = [
  { label: 'EXPORTER-OpenVPN-datakeys', bytes: 256 },
  { label: 'EXPORTER-OpenVPN-dynamic-tls-crypt', bytes: 256 },
  { label: 'client EAP encryption', bytes: 128 },
  { label: 'EXPORTER_EAP_TLS_Key_Material', bytes: 128, context: Uint8Array.of(0x0d) },
  { label: 'EXPORTER_EAP_TLS_Key_Material', bytes: 128, context: new Uint8Array(0) },
  { label: 'EXPORTER_EAP_TLS_Key_Material', bytes: 128 },
]

/** OpenSSL's names, as Azure's policy has them for RSA and their ECDSA siblings. */
export const SUITES_1_2 = ['RSA', 'ECDSA'].flatMap(key => [
  `ECDHE-${key}-AES256-GCM-SHA384`,
  `ECDHE-${key}-AES128-GCM-SHA256`,
  `ECDHE-${key}-AES256-SHA384`,
  `ECDHE-${key}-AES128-SHA256`,
])
export const SUITES_1_3 = ['TLS_AES_256_GCM_SHA384', 'TLS_AES_128_GCM_SHA256']
export const ANY = {
  minimum: 'TLSv1.2',
  maximum: 'TLSv1.3',
  ciphers: [...SUITES_1_3, ...SUITES_1_2],
} as const

export type Policy = Partial<Omit<TlsSettings, 'role'>>

export function context(role: 'server' | 'client', settings: Policy = {}): TlsContext {
  return createTlsContext({ ...ANY, exports: EXPORTS, ...settings, role })
}

/** A connection with all that it has reported. */
export class End {
  readonly connection: TlsConnection
  readonly plaintext: Uint8Array[] = []
  /** Records that nobody has taken. */
  pending: Uint8Array[] = []
  established: TlsEstablished | undefined
  failure: string | undefined

  constructor({ open }: TlsContext) {
    this.connection = open()
    this.take(this.connection.start())
  }

  take({ records, established, plaintext, failure }: TlsReport): void {
    if (records) this.pending.push(records)
    this.established ??= established
    if (plaintext) this.plaintext.push(plaintext)
    this.failure ??= failure
  }

  input(records: Uint8Array): void {
    this.take(this.connection.input(records))
  }

  write(text: string): void {
    this.take(this.connection.write(Buffer.from(text)))
  }

  flight(): Uint8Array {
    const flight = Buffer.concat(this.pending)
    this.pending = []
    return flight
  }

  get text(): string {
    return Buffer.concat(this.plaintext).toString()
  }
}

/** Carries records to and fro until both are silent; in pieces of so many bytes where that is said. */
export function exchange(a: End, b: End, piece = Number.MAX_SAFE_INTEGER): void {
  while (a.pending.length + b.pending.length > 0) {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const flight = from.flight()
      for (let at = 0; at < flight.length; at += piece) to.input(flight.subarray(at, at + piece))
    }
  }
}

/** Two ends that have said all they had to say. */
export function join(server: TlsContext, client: TlsContext, piece?: number): { server: End; client: End } {
  const ends = { server: new End(server), client: new End(client) }
  exchange(ends.client, ends.server, piece)
  return ends
}
