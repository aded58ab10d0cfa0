import {
  type ClaimRules,
  judgeClaims,
  parseJsonObject,
  readClaims,
  readKeySet,
  readMetadata,
  readTokenHeader,
} from '@causeway/entra'
import { type FuzzTarget, inputText, requireSame, textSeeds } from '../target.ts'

const TENANT = '11111111-2222-3333-4444-555555555555'
const ISSUER = `https://sts.windows.net/${TENANT}/`
const AUDIENCE = 'c632b3df-fb67-4d84-bdcf-b95ad541b5c8'
const NOW = 1_800_000_000

const rules: ClaimRules = {
  tenant: TENANT,
  issuers: [ISSUER],
  audiences: [AUDIENCE],
  clockSkewSeconds: 300,
  allowApplications: false,
}

const encode = (text: string): string => Buffer.from(text).toString('base64url')
const token = (header: object): string => `${encode(JSON.stringify(header))}.${encode('{"exp":1}')}.c2ln`

/** A header that is taken has an algorithm of public keys, and nothing that was not said. */
const tokenTexts: FuzzTarget = {
  name: 'entra-token-texts',
  seeds: () =>
    textSeeds([
      token({ typ: 'JWT', alg: 'RS256', kid: 'key-1', x5t: 'key-1' }),
      token({ typ: 'at+jwt', alg: 'PS256' }),
      token({ alg: 'none' }),
      token({ alg: 'HS256', kid: 'key-1' }),
      token({ alg: 'RS256', crit: ['exp'], exp: 1, jwk: {} }),
      `${encode('{"alg":"RS256","alg":"none"}')}.e30.`,
    ]),
  run: input => {
    const text = inputText(input)
    const header = readTokenHeader(text)
    if (header.type === 'fault') return requireOneLine(header.reason)
    if (!/^(RS|PS|ES)(256|384|512)$|^EdDSA$/.test(header.algorithm))
      throw new Error('no public-key algorithm')
    const said = JSON.parse(Buffer.from(text.slice(0, text.indexOf('.')), 'base64url').toString())
    requireSame([header.algorithm, header.keyId], [said.alg, said.kid], 'the header')
    if ('crit' in said || 'jwk' in said) throw new Error('a header with crit or jwk is taken')
  },
}

const goodClaims = {
  aud: AUDIENCE,
  iss: ISSUER,
  iat: NOW - 60,
  nbf: NOW - 60,
  exp: NOW + 3_600,
  amr: ['pwd', 'mfa'],
  oid: 'aaaaaaaa-0000-4000-8000-000000000001',
  sub: 'pairwise',
  tid: TENANT,
  upn: 'alice@contoso.example',
  groups: ['g-1', 'g-2'],
}

/** Claims that are taken are of their types; a user who is let in has a name that fits into a line. */
const claims: FuzzTarget = {
  name: 'entra-claims',
  seeds: () =>
    textSeeds(
      [
        goodClaims,
        { ...goodClaims, aud: [AUDIENCE, 'x'], groups: undefined, hasgroups: true },
        { ...goodClaims, _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'x' } } },
        {
          ...goodClaims,
          upn: undefined,
          preferred_username: 'b',
          idtyp: 'app',
          acct: 1,
          nonce: 'n',
          azp: 'a',
        },
        { exp: 1e300, aud: {}, groups: 'g', nbf: null },
      ].map(value => JSON.stringify(value)),
    ),
  run: input => {
    const text = inputText(input)
    const read = readClaims(text)
    if (read.type === 'fault') return requireOneLine(read.reason)
    requireSame(readClaims(text), read, 'claims read again')
    const verdict = judgeClaims(read, rules, NOW)
    if (verdict.type === 'deny') return requireOneLine(verdict.reason)
    const said = JSON.parse(text)
    const isMeant = said.iss === ISSUER && said.tid === TENANT && [said.aud].flat().includes(AUDIENCE)
    if (!isMeant || !(said.exp > NOW - 300)) throw new Error('a token that is not meant is let in')
    for (const line of [verdict.user, verdict.subject, ...Object.values(verdict.claims)]) requireOneLine(line)
    if (verdict.groups !== 'overage') for (const group of verdict.groups) requireOneLine(group)
  },
}

/** Documents of a provider are read or refused, whatever they are. */
const documents: FuzzTarget = {
  name: 'entra-documents',
  seeds: () =>
    textSeeds(
      [
        { issuer: ISSUER, jwks_uri: 'https://login.example/keys', token_endpoint: 'https://login.example/t' },
        { issuer: ISSUER, jwks_uri: 'https://[::ffff:a9fe:a9fe]/', token_endpoint: 'http://login.example/' },
        { keys: [{ kty: 'RSA', use: 'sig', kid: 'a', n: 'q'.repeat(342), e: 'AQAB', x5c: ['MII'] }] },
        { keys: [{ kty: 'EC', crv: 'P-256', x: 'AQ', y: 'AQ' }, { kty: 'oct', k: 'AQ' }, null, 7] },
      ].map(value => JSON.stringify(value)),
    ),
  run: input => {
    const parsed = parseJsonObject(inputText(input))
    if (parsed.type === 'fault') return requireOneLine(parsed.reason)
    const metadata = readMetadata(parsed.object, [ISSUER], false)
    if (metadata.type === 'fault') requireOneLine(metadata.reason)
    else if (!metadata.keysUri.startsWith('https://')) throw new Error('keys over something else than https')
    const keys = readKeySet(parsed.object)
    if (keys.type === 'fault') requireOneLine(keys.reason)
  },
}

export const entra: readonly FuzzTarget[] = [tokenTexts, claims, documents]

/** What goes to a log is one line of a bounded length. */
function requireOneLine(text: string): void {
  if (/[\p{Cc}\u2028\u2029]/u.test(text)) throw new Error('a control character would reach the log')
  if (text.length > 5_000) throw new Error(`a line of ${text.length} characters would reach the log`)
}
