// Preloaded into a gateway: at SIGUSR2 it collects garbage and prints `memory HEAP-BYTES RSS-BYTES`.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

process.on('SIGUSR2', () => {
  collect()
  const { heapUsed, rss } = process.memoryUsage()
  process.stdout.write(`memory ${heapUsed} ${rss}\n`)
})
