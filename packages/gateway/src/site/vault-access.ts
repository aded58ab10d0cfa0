import type { CertificateReader } from './certificate-reader.ts'

/** Ours: the management API, which reads the vault, begins a moment after the gateway. */
const PATIENCE_MILLISECONDS = 10_000

/** Who reads certificates. At first nobody does, and whoever asks waits a while for that. */
export class VaultAccess {
  readonly #patienceMilliseconds: number
  readonly #waiting = new Set<() => void>()
  #reader: CertificateReader | undefined
  #isKnown = false

  constructor(patienceMilliseconds: number = PATIENCE_MILLISECONDS) {
    this.#patienceMilliseconds = patienceMilliseconds
  }

  use(reader: CertificateReader | undefined): void {
    this.#reader = reader
    this.#isKnown = true
    for (const wake of [...this.#waiting]) wake()
  }

  /** Whether it was ever said who reads them, or that nobody does. */
  get isKnown(): boolean {
    return this.#isKnown
  }

  /** `undefined`: there is none. */
  async reader(): Promise<CertificateReader | undefined> {
    if (!this.#isKnown) await this.#wait()
    return this.#reader
  }

  #wait(): Promise<void> {
    return new Promise(resolve => {
      const wake = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, this.#patienceMilliseconds)
      this.#waiting.add(wake)
    })
  }

  /** Nobody waits any more. */
  close(): void {
    this.use(undefined)
  }
}
