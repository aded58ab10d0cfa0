import type { DeployedResource } from '@causeway/api-contract'
import { expect, it } from 'vitest'
import type { DeployRequest } from '../deployments/deploy-as.ts'
import type { DeploymentOutcome, DeploymentProgress } from '../deployments/run.ts'
import { NOW, SUB, SUBSCRIPTION } from '../management-api.suite.ts'
import { createTemplateCommand } from './template-command.ts'

const IP = `${SUB}/resourceGroups/causeway/providers/Microsoft.Network/publicIPAddresses/ip1`
const GROUP_KEY = `resources/subscriptions/${SUBSCRIPTION}/resourcegroups/causeway`
const type = 'Microsoft.Network/publicIPAddresses'

/** A command whose deployments tell this and come to that. */
function commandOf(outcome: DeploymentOutcome, ...progress: DeploymentProgress[]) {
  return commandAt([GROUP_KEY], outcome, progress)
}

/** The same, where documents with these keys are stored. */
function commandAt(
  keys: readonly string[],
  outcome: DeploymentOutcome,
  progress: readonly DeploymentProgress[] = [],
) {
  const requests: DeployRequest[] = []
  const seen: DeployedResource[] = []
  const deploy = async (request: DeployRequest): Promise<DeploymentOutcome> => {
    requests.push(request)
    for (const each of progress) request.tell?.(each)
    return outcome
  }
  const documents = {
    read: async (key: string) => (keys.includes(key) ? { key, version: 1, value: {} } : undefined),
  }
  const place = { subscriptionId: SUBSCRIPTION, defaultGroup: 'causeway', location: 'local', documents }
  const command = createTemplateCommand({ deploy, ...place, now: () => NOW })
  return {
    requests,
    seen,
    run: (wanted: object) => command({ document: {}, ...wanted }, one => seen.push(one)),
  }
}

it('deploys in the group, and tells and answers how far each resource came', async () => {
  const outputs = { where: { type: 'string', value: 'x' } }
  const { run, requests, seen } = commandOf(
    { type: 'done', outputs },
    { id: IP, state: 'running' },
    { id: IP, state: 'succeeded' },
  )
  const parameters = { a: { value: 1 } }
  expect(await run({ parameters })).toEqual({
    deployment: expect.stringMatching(/^apply-20270115T080000Z-[0-9a-f]{4}$/),
    group: 'causeway',
    state: 'Succeeded',
    resources: [{ id: IP, type, state: 'Succeeded' }],
    outputs,
  })
  expect(requests).toMatchObject([{ scope: `${SUB}/resourceGroups/causeway`, template: {}, parameters }])
  expect(seen.map(({ state }) => state)).toEqual(['Running', 'Succeeded'])
})

it('deploys in another group, or by its schema in the subscription', async () => {
  const { run, requests } = commandOf({ type: 'done', outputs: {} })
  const $schema =
    'https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#'
  expect(await run({ group: 'rg' })).toMatchObject({ group: 'rg' })
  expect(await run({ document: { $schema } })).not.toHaveProperty('group')
  expect(requests.map(({ scope }) => scope)).toEqual([`${SUB}/resourceGroups/rg`, SUB])
})

it('refuses what was refused before anything was changed', async () => {
  const error = { code: 'InvalidTemplate', message: 'no such parameter' } as const
  await expect(commandOf({ type: 'failed', error }).run({})).rejects.toMatchObject({
    name: 'CommandError',
    ...error,
  })
})

it('says the reasons where ARM says that there are details', async () => {
  const detail = (number: number) => ({ code: 'InvalidParameter', message: `reason ${number}` }) as const
  const details = [1, 2, 3, 4, 5, 6].map(detail)
  const error = { code: 'InvalidTemplateDeployment', message: 'See details.', details } as const
  await expect(commandOf({ type: 'failed', error }).run({})).rejects.toMatchObject({
    message: 'reason 1; reason 2; reason 3; reason 4; reason 5; and 1 more',
    details,
  })
})

it('makes the group of its own where it is not there yet, and no other', async () => {
  const { run, requests } = commandAt([], { type: 'done', outputs: {} })
  await run({ group: 'rg' })
  expect(requests.map(({ scope }) => scope)).toEqual([`${SUB}/resourceGroups/rg`])
  await run({})
  expect(requests.slice(1)).toMatchObject([
    {
      scope: SUB,
      template: { resources: [{ type: 'Microsoft.Resources/resourceGroups', name: 'causeway' }] },
    },
    { scope: `${SUB}/resourceGroups/causeway` },
  ])
})

it('answers with what failed and what was left out', async () => {
  const error = { code: 'Conflict', message: 'is taken' } as const
  const whole = { code: 'DeploymentFailed', message: 'at least one', details: [error] } as const
  const { run } = commandOf(
    { type: 'failed', error: whole },
    { id: IP, state: 'failed', error },
    { id: `${IP}b`, state: 'skipped' },
  )
  expect(await run({})).toMatchObject({
    state: 'Failed',
    resources: [{ id: IP, state: 'Failed', error }, { state: 'Skipped' }],
    outputs: {},
    error: whole,
  })
  expect(await commandOf({ type: 'canceled' }).run({})).toMatchObject({ state: 'Canceled' })
})
