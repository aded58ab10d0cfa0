import { beforeAll, describe, expect, test } from 'vitest'
import type { IssuedCertificate } from '../issuing.ts'
import { native } from '../native.ts'
import { day, extension } from '../pki.suite.ts'
import { authority, present, usages } from '../site-certificate/site-pki.suite.ts'
import { issueNow, opensslAnswer, type ResponderOptions } from './ocsp.suite.ts'
import { ocspVerdict } from './ocsp-verdict.ts'

const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'
const NEITHER = 'neither the issuer signed the answer nor whom it let sign'
let root: IssuedCertificate
let issuer: IssuedCertificate
let device: IssuedCertificate

beforeAll(async () => {
  root = await issueNow('CN=Root', { extensions: authority })
  issuer = await issueNow('CN=Middle', { issuer: root, extensions: authority })
  device = await issueNow('CN=site-1', { issuer })
})

async function asked(
  options: Partial<ResponderOptions>,
  change: (answer: Uint8Array) => Uint8Array = answer => answer,
  unixSeconds = present,
): Promise<string> {
  const question = { certificate: device.certificate, issuer: issuer.certificate, unixSeconds }
  const verdict = await ocspVerdict('http://o.example', question, async ({ ocspRequest }) => {
    const answer = opensslAnswer(ocspRequest ?? new Uint8Array(), {
      issuer,
      certificate: device,
      status: 'good',
      ...options,
    })
    return change(answer)
  })
  return typeof verdict === 'string' ? verdict : verdict.state
}

const signer = (...oids: string[]) =>
  issueNow('CN=Responder', { issuer, extensions: [extension.leafUsage(), usages(...oids)] })

describe('an OCSP answer', () => {
  test.each(['good', 'revoked'] as const)('of the issuer counts: %s', async status => {
    expect(await asked({ status })).toBe(status)
  })

  test('of whom the issuer let sign counts', async () => {
    expect(await asked({ status: 'revoked', signer: await signer(OCSP_SIGNING) })).toBe('revoked')
  })

  test('of a responder that does not know says nothing', async () => {
    expect(await asked({ status: 'absent' })).toBe('the responder does not know the certificate')
  })

  test('of others does not count', async () => {
    const stranger = await issueNow('CN=Middle', { extensions: authority })
    const ofStranger = await issueNow('CN=Responder', {
      issuer: stranger,
      extensions: [usages(OCSP_SIGNING)],
    })
    const ofRoot = await issueNow('CN=Responder', { issuer: root, extensions: [usages(OCSP_SIGNING)] })
    for (const wrong of [stranger, ofStranger, ofRoot, root, device, await signer('1.3.6.1.5.5.7.3.2')]) {
      expect(await asked({ signer: wrong })).toBe(NEITHER)
    }
  })

  test('of a signer whose certificate expired does not count', async () => {
    const old = await issueNow('CN=Responder', {
      issuer,
      extensions: [usages(OCSP_SIGNING)],
      notAfter: present - 60,
    })
    expect(await asked({ signer: old })).toBe(NEITHER)
  })

  test('about another certificate does not count', async () => {
    const other = await issueNow('CN=site-2', { issuer })
    const request = native.ocspRequest(other.certificate, issuer.certificate)
    const answer = opensslAnswer(request, { issuer, certificate: other, status: 'good' })
    expect(await asked({}, () => answer)).toBe('the answer is about another certificate')
  })

  test('counts by its times', async () => {
    expect(await asked({}, undefined, present + 2 * day)).toMatch(/^its answer counted until /)
    expect(await asked({}, undefined, present - day / 2)).toMatch(
      /^its answer counts from .*, which is to come$/,
    )
    expect(await asked({ args: [] }, undefined, present + 60)).toBe('good')
    expect(await asked({ args: [] }, undefined, present + 2 * day)).toMatch(/^its answer counted until /)
  })

  test('with a weak digest does not count', async () => {
    expect(await asked({ args: ['-ndays', '1', '-rmd', 'sha1'] })).toBe(
      'the answer is signed with a weak digest',
    )
  })

  test('that is none, or an error, or too long, says nothing', async () => {
    expect(await asked({}, () => new Uint8Array([0x30, 0x03, 0x0a, 0x01, 0x03]))).toBe(
      'the responder answers trylater',
    )
    expect(await asked({}, () => new TextEncoder().encode('<html>'))).toBe('the answer is not OCSP in DER')
    expect(await asked({}, answer => new Uint8Array([...answer, 0]))).toBe('the answer is not OCSP in DER')
    expect(await asked({}, () => new Uint8Array(65_537))).toBe('its answer is larger than 65536 bytes')
  })

  test('never turns from revoked to good by a changed byte', () => {
    const request = native.ocspRequest(device.certificate, issuer.certificate)
    const answer = opensslAnswer(request, { issuer, certificate: device, status: 'revoked' })
    for (let at = 0; at < answer.length; at++) {
      const damaged = answer.slice()
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8))
      const read = native.ocspStatus(damaged, device.certificate, issuer.certificate, present)
      if (typeof read !== 'string' && read.status !== 'revoked') expect.fail(`byte ${at}: ${read.status}`)
    }
  })
})
