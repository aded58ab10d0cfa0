#!/usr/bin/env node
import { hiddenPrompt } from './hidden-prompt.ts'
import { run } from './run.ts'

// A reader that has seen enough (`causeway sessions | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})

process.exitCode = await run(process.argv.slice(2), {
  output: line => process.stdout.write(`${line}\n`),
  error: line => process.stderr.write(`${line}\n`),
  ask: hiddenPrompt(process.stdin, process.stderr),
})
