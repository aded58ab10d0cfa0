import { createHash } from 'node:crypto'
import { formatExpression, parseExpression, readTemplate, type TemplateContext } from '@causeway/arm-template'
import { type FuzzTarget, inputText, requireSame, textSeeds } from '../target.ts'

const SUBSCRIPTION = '22222222-3333-4444-8555-666666666666'

const context: TemplateContext = {
  target: { type: 'resourceGroup', subscriptionId: SUBSCRIPTION, name: 'rg' },
  deployment: { name: 'd' },
  subscription: { id: `/subscriptions/${SUBSCRIPTION}` },
  tenant: {},
  environment: {},
  resourceGroup: { id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg`, location: 'local' },
  apiVersions: () => ['2025-05-01'],
  hash: text => createHash('sha256').update(text).digest(),
  newGuid: () => '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  now: 1_795_348_800,
}

/** An expression that was read is written, and read the same again. */
const expressions: FuzzTarget = {
  name: 'template-expressions',
  seeds: () =>
    textSeeds([
      "[concat('a''b', parameters('c').d[0], -1)]",
      "[reference(resourceId('Microsoft.Network/connections', 'c'), '2025-05-01', 'Full').properties]",
      "[if(equals(copyIndex('l', 1), 3), createObject('a', range(0, 3)), json('{\"a\": null}'))]",
      "[format('{0,4}-{1:D3}|{{', 'x', length(split('a,b', ',')))]",
      '[contoso.unique(uniqueString(resourceGroup().id))]',
    ]),
  run: input => {
    const parsed = parseExpression(inputText(input))
    if (parsed.type === 'fault') return
    const again = parseExpression(`[${formatExpression(parsed.expression)}]`)
    // Spaces between arguments may make it longer than an expression may be.
    if (again.type === 'expression') requireSame(again, parsed, 'an expression read again')
  },
}

const whole = {
  contentVersion: '1.0.0.0',
  parameters: {
    p: { type: 'securestring', defaultValue: "[utcNow('d')]" },
    n: { type: 'int', defaultValue: 2 },
  },
  variables: { v: "[createArray(parameters('n'))]", copy: [{ name: 'l', count: 2, input: '[copyIndex()]' }] },
  resources: [
    {
      type: 'Microsoft.Network/connections',
      apiVersion: '2025-05-01',
      name: "[concat('c', copyIndex())]",
      copy: { name: 'loop', count: "[parameters('n')]", mode: 'serial' },
      dependsOn: ['a'],
      properties: { sharedKey: "[parameters('p')]", x: "[reference('a').y]" },
      resources: [{ type: 'x', apiVersion: '2025-05-01', name: 'y', condition: '[not(true())]' }],
    },
    { type: 'Microsoft.Network/localNetworkGateways', apiVersion: '2025-05-01', name: 'a' },
  ],
  outputs: { o: { type: 'array', copy: { count: 2, input: "[variables('v')]" } } },
}

/** A template comes to a plan or to faults; of a plan every resource stands behind what it waits for. */
const templates: FuzzTarget = {
  name: 'templates',
  seeds: () => textSeeds([JSON.stringify(whole)]),
  run: input => {
    const template = jsonOf(inputText(input))
    const read = readTemplate({ template, parameters: {} }, context)
    if (read.type === 'bad') {
      if (read.faults.length === 0) throw new Error('a template is refused without a fault')
      return
    }
    const seen = new Set<string>()
    for (const { id, waitsFor, body } of read.value.resources) {
      for (const before of waitsFor)
        if (!seen.has(before.toLowerCase())) throw new Error(`${id} stands before ${before}`)
      seen.add(id.toLowerCase())
      body(new Map())
    }
    for (const { value } of read.value.outputs) value(new Map())
  },
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    // What is no JSON is read as the name of a resource: most of a mutation's work is in one text.
    if (thrown instanceof SyntaxError)
      return { resources: [{ type: 'A.B/c', apiVersion: '2025-05-01', name: text, properties: { text } }] }
    throw thrown
  }
}

export const armTemplates: readonly FuzzTarget[] = [expressions, templates]
