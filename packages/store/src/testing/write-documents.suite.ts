import { writeSync } from 'node:fs'
import { openSqliteDocumentStore } from '../sqlite/sqlite-document-store.ts'
import type { StoreError } from '../store-error.ts'

// A program of its own, run by `startStoreProcess`: it is killed in the middle of what it does.
const [path = '', count, bytes, concurrency] = process.argv.slice(2)
const store = await openSqliteDocumentStore(path)
const filling = 'x'.repeat(Number(bytes))
let next = 0

await Promise.all(Array.from({ length: Number(concurrency) }, writeOneAfterTheOther))
await store.close()
const again = await openSqliteDocumentStore(path)
say(`kept ${(await again.scan('k')).length}`)
await again.close()

async function writeOneAfterTheOther(): Promise<void> {
  while (next < Number(count)) {
    const i = next++
    try {
      await store.write(`k/${i}`, { i, filling }, 0)
      say(`ok ${i}`)
    } catch (error) {
      const { code, message } = error as StoreError
      say(`failed ${code} ${message}`)
    }
  }
}

/** At once: what has been said is out when this process is killed. */
function say(line: string): void {
  writeSync(1, `${line}\n`)
}
