import { expect, test } from 'vitest'
import { matchesSubjectName, parseSubjectName } from './subject-name.ts'

function matches(configured: string, commonName: string | undefined, subject = `CN=${commonName}`): boolean {
  return matchesSubjectName(parseSubjectName(configured), {
    subject,
    ...(commonName !== undefined && { commonName }),
  })
}

test.each([
  ['site-1', 'site-1'],
  [' site-1\n', 'site-1'],
  ['CN=site-1', 'site-1'],
  ['cn = site-1', 'site-1'],
  ['a=b', 'a=b'],
  ['Straße 1', 'Straße 1'],
])('"%s" is the common name "%s"', (configured, commonName) => {
  expect(matches(configured, commonName)).toBe(true)
})

test.each([
  ['site-1', 'Site-1'],
  ['site-1', 'site-1 '],
  ['site-1', 'site-1\0'],
  ['site-1', 'site-1\0.example'],
  ['site-1', 'site-10'],
  ['site-1', 'site'],
  ['site-1', 'CN=site-1'],
  ['site-1', 'site-1\u200b'],
  ['site-1', 'sit\u0435-1'],
  ['site-*', 'site-1'],
  ['*', 'site-1'],
  ['site.1', 'site-1'],
  ['site-1', ''],
  ['site-1', undefined],
])('"%s" is not the common name %j', (configured, commonName) => {
  expect(matches(configured, commonName)).toBe(false)
})

test.each([
  ['CN=site-1,O=Contoso', 'CN=site-1,O=Contoso', true],
  ['O=Contoso, CN=site-1', 'CN=site-1,O=Contoso', true],
  ['o = Contoso , cn = site-1', 'CN=site-1,O=Contoso', true],
  ['CN=site-1, O=Contoso\\, Ltd', 'CN=site-1,O=Contoso\\, Ltd', true],
  ['CN=site-1, O=Contoso', 'CN=site-1', false],
  ['CN=site-1, O=Contoso', 'CN=site-1,O=Fabrikam', false],
  ['CN=site-1, O=Contoso', 'CN=site-1,OU=x,O=Contoso', false],
  ['OU=x, CN=site-1, O=Contoso', 'CN=site-1,OU=x,O=Contoso', false],
])('the whole name "%s" against "%s"', (configured, subject, isSame) => {
  expect(matches(configured, 'site-1', subject)).toBe(isSame)
})

test('a whole name is not matched by a common name that looks like one', () => {
  expect(matches('CN=site-1, O=Contoso', 'CN=site-1, O=Contoso', 'CN=CN=site-1\\, O=Contoso')).toBe(false)
})
