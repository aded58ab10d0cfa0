import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { OPTIMISE_EARLY } from './optimise-early.ts'

test('this Node knows the flag: at run time it would only complain of one that it does not', () => {
  expect(spawnSync(process.execPath, [OPTIMISE_EARLY, '--eval', '']).status).toBe(0)
  expect(spawnSync(process.execPath, [`${OPTIMISE_EARLY}x`, '--eval', '']).status).not.toBe(0)
})
