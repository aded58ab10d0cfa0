import { expect, it } from 'vitest'
import { liftedRevocations } from './lifted-revocations.ts'

const ROOT = new Uint8Array([1])
const trust = (roots: readonly Uint8Array[], ...revoked: string[]) => ({
  certificateAuthentication: { roots, intermediates: [], revokedThumbprints: new Set(revoked) },
})
const client = (name: string, thumbprint: string, revokedAt?: number) => ({
  name,
  thumbprint,
  issuedAt: 1,
  expiresAt: 9,
  ...(revokedAt !== undefined && { revokedAt }),
})
const CLIENTS = [client('ann', 'AA', 5), client('ann', 'AB', 5), client('bob', 'BB'), client('eve', 'EE', 5)]

it('names those whom a change lets in again, once', () => {
  const before = trust([ROOT], 'AA', 'AB', 'BB', 'EE')
  expect(liftedRevocations(before, trust([ROOT], 'EE'), CLIENTS)).toEqual(['ann'])
})

it('names nobody who stays out, or was in before', () => {
  expect(liftedRevocations(trust([ROOT], 'AA'), trust([ROOT], 'AA', 'BB'), CLIENTS)).toEqual([])
  expect(liftedRevocations(trust([ROOT]), trust([ROOT]), CLIENTS)).toEqual([])
  expect(liftedRevocations(trust([ROOT], 'AA'), trust([]), CLIENTS)).toEqual([])
})
