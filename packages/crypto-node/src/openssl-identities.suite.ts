import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A key with a self-signed certificate, as the `openssl` command line makes them. */
export interface Identity {
  /** PKCS #8. */
  readonly privateKeyPem: string
  /** DER. */
  readonly certificate: Uint8Array
}

/** Arguments of `openssl genpkey` for each kind of key that the tests need. */
const KEYS = {
  rsa2048: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  rsa1024: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'],
  rsaExponent3: [
    ...['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
    ...['-pkeyopt', 'rsa_keygen_pubexp:3'],
  ],
  rsaPss: ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048'],
  rsaPssSha512: [
    ...['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048', '-pkeyopt', 'rsa_pss_keygen_md:sha512'],
    ...['-pkeyopt', 'rsa_pss_keygen_mgf1_md:sha512', '-pkeyopt', 'rsa_pss_keygen_saltlen:64'],
  ],
  p256: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  otherP256: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  p384: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  p521: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521'],
  secp256k1: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
  ed25519: ['-algorithm', 'ED25519'],
} as const

export type IdentityName = keyof typeof KEYS

/** `openssl` with keys and certificates made when they are first asked for. */
export class OpensslIdentities {
  readonly #directory = mkdtempSync(join(tmpdir(), 'causeway-signatures-'))
  readonly #made = new Map<IdentityName, Identity>()

  of(name: IdentityName): Identity {
    const known = this.#made.get(name)
    if (known) return known
    const identity = this.#make(name)
    this.#made.set(name, identity)
    return identity
  }

  /** What `openssl dgst` signs, with its own options. */
  sign(name: IdentityName, data: Uint8Array, options: readonly string[]): Uint8Array {
    this.of(name)
    writeFileSync(this.#path('data'), data)
    this.#run(
      'dgst',
      ...options,
      '-sign',
      this.#path(name),
      '-out',
      this.#path('signature'),
      this.#path('data'),
    )
    return new Uint8Array(readFileSync(this.#path('signature')))
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true })
  }

  #make(name: IdentityName): Identity {
    this.#run('genpkey', ...KEYS[name], '-out', this.#path(name))
    this.#run(
      ...['req', '-new', '-x509', '-key', this.#path(name), '-subj', `/CN=${name}`],
      ...['-days', '2', '-outform', 'DER', '-out', this.#path('certificate')],
    )
    return {
      privateKeyPem: readFileSync(this.#path(name), 'utf8'),
      certificate: new Uint8Array(readFileSync(this.#path('certificate'))),
    }
  }

  #path(name: string): string {
    return join(this.#directory, name)
  }

  #run(...input: readonly string[]): void {
    execFileSync('openssl', input, { stdio: ['ignore', 'ignore', 'pipe'] })
  }
}
