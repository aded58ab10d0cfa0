import { createHash } from 'node:crypto'
import type { Question, Verdict } from './revocation-checker.ts'

/** Verdicts while they count. Whoever asks while another asks the same waits for that answer. */
export interface VerdictCache {
  learn(question: Question, ask: () => Promise<Verdict>): Promise<Verdict>
}

/** Ours: certificates that are remembered. */
const ENTRIES = 4_096

/** The clock is the questions' own; one that went back makes what is remembered count no longer than it would. */
export function createVerdictCache(): VerdictCache {
  const known = new Map<string, { readonly verdict: Verdict; readonly since: number }>()
  const underWay = new Map<string, Promise<Verdict>>()
  const remember = (name: string, verdict: Verdict, since: number) => {
    known.delete(name)
    known.set(name, { verdict, since })
    const [oldest] = known.keys()
    if (known.size > ENTRIES && oldest !== undefined) known.delete(oldest)
  }
  return {
    learn: (question, ask) => {
      const { unixSeconds } = question
      const name = nameOf(question)
      const old = known.get(name)
      if (old && unixSeconds < old.verdict.until && unixSeconds >= old.since)
        return Promise.resolve(old.verdict)
      const running = underWay.get(name)
      if (running) return running
      const asked = ask()
        .then(verdict => {
          remember(name, verdict, unixSeconds)
          return verdict
        })
        .finally(() => underWay.delete(name))
      underWay.set(name, asked)
      return asked
    },
  }
}

/** A certificate below another issuer of the same name is another question. */
function nameOf({ certificate, issuer }: Question): string {
  const digest = createHash('sha256').update(issuer).digest('hex')
  return `${digest} ${createHash('sha256').update(certificate).digest('hex')}`
}
