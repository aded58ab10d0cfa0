import { defineConfig } from 'vitest/config'

/** Tests run from source: every workspace exports its `src` under this condition. */
const conditions = ['@causeway/source']

const project = (name: string, include: string[], extra: object = {}) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { name, include, ...extra },
})

/**
 * Unit tests keep no state in modules, so files share a process: loading the sources anew for each
 * of a hundred files took longer than the tests.
 */
const UNIT = { isolate: false }

export default defineConfig({
  test: {
    projects: [
      project(
        'unit',
        ['packages/*/src/**/*.test.ts', 'rules/**/*.test.ts', 'fuzz/**/*.test.ts', 'bench/**/*.test.ts'],
        UNIT,
      ),
      project('sim', ['sim/**/*.test.ts'], { testTimeout: 600_000 }),
      project('interop', ['interop/**/*.test.ts'], {
        testTimeout: 180_000,
        hookTimeout: 180_000,
        // Each file has namespaces of its own, and most of its time is waiting.
        maxWorkers: 2,
      }),
    ],
  },
})
