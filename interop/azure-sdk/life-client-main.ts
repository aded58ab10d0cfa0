// A program that manages a gateway as programs on Azure do: with Azure's SDKs, unmodified. Its plan is its argument; steps
// come in as lines of JSON, and what came of each goes out as one.
import { createInterface } from 'node:readline'
import { LifeClients } from './life-clients.ts'
import { outcomeOf } from './life-outcome.ts'
import type { LifePlan, LifeStep } from './life-plan.ts'

const plan = JSON.parse(process.argv[2] ?? '') as LifePlan
const clients = new LifeClients(plan)
process.stdout.write('ready\n')
for await (const line of createInterface({ input: process.stdin })) {
  const { number, step } = JSON.parse(line) as { readonly number: number; readonly step: LifeStep }
  const outcome = await outcomeOf(clients, step)
  process.stdout.write(`outcome ${number} ${JSON.stringify(outcome)}\n`)
}
clients.close()
