import { asciiBytes, parseHex } from '@causeway/wire'
import { expect, it } from 'vitest'
import { recognizeSoftware } from './vendor-ids.ts'

const hex = (text: string) => parseHex(text) as Uint8Array

it.each([
  ['Windows', [hex('1e2b516905991c7d7c96fcbfb587e46100000009')]],
  ['Windows', [Uint8Array.of(1), hex('fb1de3cdf341b7ea16b7e5be0855f120')]],
  ['strongSwan', [hex('882fe56d6fd20dbc2251613b2ebe5beb')]],
  ['libreswan', [asciiBytes('OE-Libreswan-5.2')]],
  ['', [hex('1e2b516905991c7d'), Uint8Array.of()]],
  ['', []],
])('%s is recognized by its vendor ids', (software, vendorIds) => {
  expect(recognizeSoftware(vendorIds)).toBe(software)
})
