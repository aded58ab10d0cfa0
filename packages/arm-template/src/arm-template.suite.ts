import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import type { TemplateContext } from './context.ts'
import type { Plan } from './plan/plan.ts'
import { readTemplate } from './plan/read-template.ts'

export const SUBSCRIPTION = '22222222-3333-4444-8555-666666666666'
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg`
export const NETWORK = `${GROUP}/providers/Microsoft.Network`

/** A deployment to the group `rg`, on 22 November 2026 at noon. */
export const context: TemplateContext = {
  target: { type: 'resourceGroup', subscriptionId: SUBSCRIPTION, name: 'rg' },
  deployment: { name: 'd', properties: { mode: 'Incremental' } },
  subscription: {
    id: `/subscriptions/${SUBSCRIPTION}`,
    subscriptionId: SUBSCRIPTION,
    displayName: 'Causeway',
  },
  tenant: { tenantId: '11111111-2222-4333-8444-555555555555' },
  environment: { name: 'Causeway' },
  resourceGroup: { id: GROUP, name: 'rg', location: 'local', tags: {} },
  apiVersions: type =>
    type.toLowerCase() === 'microsoft.network/connections' ? ['2025-05-01', '2015-06-15'] : undefined,
  hash: text => createHash('sha256').update(text).digest(),
  newGuid: () => '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  now: 1_795_348_800,
}

/** A template with these sections. */
export function templateOf(sections: object): object {
  return { contentVersion: '1.0.0.0', resources: [], ...sections }
}

/** The plan of a template that is as it should be. */
export function planOf(
  sections: object,
  parameters: object = {},
  changes: Partial<TemplateContext> = {},
): Plan {
  const read = readTemplate({ template: templateOf(sections), parameters }, { ...context, ...changes })
  if (read.type === 'bad') expect(read.faults).toEqual([])
  if (read.type === 'bad') throw new Error('unreachable')
  return read.value
}

/** What is wrong with a template: `path: problem; remedy`. */
export function faultsOf(sections: object, parameters: object = {}): readonly string[] {
  const read = readTemplate({ template: templateOf(sections), parameters }, context)
  return read.type === 'good'
    ? []
    : read.faults.map(({ path, problem, remedy }) => `${path}: ${problem}; ${remedy}`)
}

/** What an expression comes to, as an output of its kind. */
export function valueOfExpression(expression: string, sections: object = {}): unknown {
  const { outputs } = planOf({
    ...sections,
    outputs: { it: { type: 'array', value: [expression] } },
  })
  const found = outputs[0]?.value(new Map())
  if (found?.type !== 'good') throw new Error(JSON.stringify(found))
  return (found.value as unknown[])[0]
}

/** What is wrong with an expression. */
export function faultOfExpression(expression: string, sections: object = {}): string {
  return faultsOf({ ...sections, outputs: { it: { type: 'array', value: [expression] } } }).join('\n')
}

/** A resource of a template. */
export function resource(name: string, changes: object = {}): object {
  return {
    type: 'Microsoft.Network/localNetworkGateways',
    apiVersion: '2025-05-01',
    name,
    location: 'local',
    properties: {},
    ...changes,
  }
}
