import {
  describeCertificate,
  parsePkcs12,
  parseThumbprint,
  readCertificates,
  readInboundTrust,
  X509Error,
} from '@causeway/x509'
import { allowing, type FuzzTarget, inputText, requireSame } from '../target.ts'

/** Whatever is taken for certificates is DER that reads as itself, and can be described. */
const certificates: FuzzTarget = {
  name: 'certificates',
  seeds: () => [],
  run: input => {
    for (const form of [input, inputText(input)]) {
      const read = allowing([X509Error], () => readCertificates(form))
      for (const der of read ?? []) {
        describeCertificate(der)
        requireSame(readCertificates(der), [der], 'a certificate read again')
      }
    }
  },
}

const pkcs12: FuzzTarget = {
  name: 'pkcs12',
  seeds: () => [],
  run: input => {
    allowing([X509Error], () => parsePkcs12(input, 'secret'))
  },
}

const thumbprints: FuzzTarget = {
  name: 'thumbprints',
  seeds: () => [new TextEncoder().encode('00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff 00 11 22 33')],
  run: input => {
    const thumbprint = allowing([X509Error], () => parseThumbprint(inputText(input)))
    if (thumbprint !== undefined) requireSame(parseThumbprint(thumbprint), thumbprint, 'a thumbprint')
  },
}

/** A connection's inbound chain is read or refused in words that hold nothing of the input; what was read reads again. */
const inboundChains: FuzzTarget = {
  name: 'inbound-chains',
  seeds: () => [],
  run: input => {
    const read = (chain: readonly string[]) =>
      readInboundTrust({ subjectName: 'CN=site', chain, unixSeconds: 1_800_000_000 })
    const trust = read(inputText(input).split(','))
    if (trust.type === 'refused') return
    const ders = [...trust.roots, ...trust.intermediates]
    const again = read(ders.map(der => Buffer.from(der).toString('base64')))
    const contents = again.type === 'trust' && [again.roots, again.intermediates]
    requireSame(contents, [trust.roots, trust.intermediates], 'an inbound chain read again')
  },
}

export const certificateForms: readonly FuzzTarget[] = [certificates, pkcs12, thumbprints, inboundChains]
