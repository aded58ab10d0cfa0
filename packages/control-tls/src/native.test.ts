import { expect, test } from 'vitest'
import { loadAddon, native } from './native.ts'

test('a missing addon is one line that says what to run', () => {
  expect(() => loadAddon('../build/Release/absent.node')).toThrowError(
    expect.objectContaining({
      code: 'ERR_TLS_ADDON',
      message: 'native addon not built: run `npm run build:native`',
    }),
  )
})

test('an addon that does not load says why', () => {
  expect(() => loadAddon('../package.json/x.node')).toThrowError(
    expect.objectContaining({ code: 'ERR_TLS_ADDON', message: expect.stringMatching(/native addon/) }),
  )
})

test('the addon checks the types of its arguments', () => {
  expect(() => Reflect.construct(native.Context, [])).toThrow(TypeError)
  expect(() => Reflect.construct(native.Context, [{}])).toThrow(TypeError)
  expect(() => Reflect.construct(native.Connection, [])).toThrow(TypeError)
  expect(() => Reflect.construct(native.Connection, [{}])).toThrow(TypeError)
})
