import { expect, test } from 'vitest'
import { loadAddon, native } from './native.ts'
import { codeOf } from './pki.suite.ts'

test('a missing addon is one line that says what to run', () => {
  expect(codeOf(() => loadAddon('../build/Release/absent.node'))).toBe('ERR_X509_ADDON')
  expect(() => loadAddon('../build/Release/absent.node')).toThrow(
    /^native addon not built: run `npm run build:native`$/,
  )
})

test('an addon that does not load says why', () => {
  expect(() => loadAddon('../package.json/x.node')).toThrow(/native addon/)
  expect(codeOf(() => loadAddon('../package.json/x.node'))).toBe('ERR_X509_ADDON')
})

test('the addon checks the types of its arguments', () => {
  const call = (name: 'describe' | 'parsePkcs12' | 'createPkcs12' | 'thumbprints', ...args: unknown[]) =>
    Reflect.apply(native[name], native, args)
  expect(() => call('describe')).toThrow(TypeError)
  expect(() => call('describe', 'text')).toThrow(TypeError)
  expect(() => call('describe', new Uint16Array(4))).toThrow(TypeError)
  expect(() => call('thumbprints', [])).toThrow(TypeError)
  expect(() => call('parsePkcs12', new Uint8Array(1), 7)).toThrow(TypeError)
  expect(() => call('createPkcs12', new Uint8Array(1), new Uint8Array(1), [1])).toThrow(TypeError)
  expect(() => Reflect.construct(native.TrustStore, [])).toThrow(TypeError)
  const store = new native.TrustStore([], [], [], false, false, 5)
  expect(() => Reflect.apply(store.verify, store, [new Uint8Array(1), [], 0, true, 9, true])).toThrow(
    RangeError,
  )
  expect(() => Reflect.apply(store.verify, {}, [])).toThrow(TypeError)
})
