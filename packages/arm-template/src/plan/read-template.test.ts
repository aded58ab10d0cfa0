import { describe, expect, it } from 'vitest'
import { faultsOf, GROUP, NETWORK, planOf, resource, SUBSCRIPTION } from '../arm-template.suite.ts'
import { referenceKey } from '../context.ts'
import { LIMITS } from '../limits.ts'

const lng = (name: string): string => `${NETWORK}/localNetworkGateways/${name}`
const ids = (sections: object, parameters: object = {}) =>
  planOf(sections, parameters).resources.map(({ id }) => id)

/** As `az network vpn-connection create` sends it. */
const azTemplate = {
  $schema: 'https://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json#',
  parameters: { sharedKey: { type: 'securestring', metadata: { description: 'Secure sharedKey' } } },
  variables: {},
  resources: [
    {
      type: 'Microsoft.Network/connections',
      name: 'c1',
      location: 'local',
      tags: {},
      apiVersion: '2015-06-15',
      dependsOn: [],
      properties: {
        virtualNetworkGateway1: { id: `${NETWORK}/virtualNetworkGateways/gw` },
        enableBgp: false,
        connectionType: 'IPSec',
        routingWeight: 10,
        localNetworkGateway2: { id: lng('l') },
        sharedKey: "[parameters('sharedKey')]",
        expressRouteGatewayBypass: null,
      },
    },
  ],
  outputs: { resource: { type: 'object', value: "[reference('c1')]" } },
}

describe('the template of az', () => {
  it('comes to a connection with its key, and an output that asks for it', () => {
    const plan = planOf(azTemplate, { sharedKey: { value: 'abc123' } })
    expect(plan.secrets).toEqual(['abc123'])
    expect(plan.resources).toMatchObject([
      {
        id: `${NETWORK}/connections/c1`,
        type: 'Microsoft.Network/connections',
        apiVersion: '2015-06-15',
        path: 'resources[0]',
        waitsFor: [],
        preview: { body: { location: 'local', tags: {}, properties: { sharedKey: 'abc123' } }, pending: [] },
      },
    ])
    expect(plan.resources[0]?.preview.body).not.toHaveProperty('dependsOn')
    const [output] = plan.outputs
    const id = `${NETWORK}/connections/c1`
    expect(output?.value(new Map())).toEqual({ type: 'waiting', needs: [{ id, apiVersion: undefined }] })
    const there = new Map([[referenceKey(id), { id, properties: { connectionType: 'IPsec' } }]])
    expect(output?.value(there)).toEqual({ type: 'good', value: { connectionType: 'IPsec' } })
    expect(output?.isSecret).toBe(false)
  })

  it('without its parameter says so', () => {
    expect(faultsOf(azTemplate)).toEqual([
      'parameters.sharedKey: has neither a value nor a default; give it a value',
    ])
  })
})

describe('resources', () => {
  it('stand behind what they wait for: by name, by id, by loop, by reference', () => {
    const after = (name: string, dependsOn: unknown) => resource(name, { dependsOn })
    expect(
      ids({
        resources: [
          after('e', ['loop']),
          after('d', ["[resourceId('Microsoft.Network/localNetworkGateways', 'c')]"]),
          after('c', ['Microsoft.Network/localNetworkGateways/b']),
          resource('b', { properties: { x: "[reference('a').y]" } }),
          resource('a'),
          resource("[concat('l', copyIndex(1))]", { copy: { name: 'loop', count: 2 }, dependsOn: ['d'] }),
        ],
      }),
    ).toEqual(['a', 'b', 'c', 'd', 'l1', 'l2', 'e'].map(lng))
  })

  it('in a circle are refused', () => {
    const sections = {
      resources: [resource('a', { dependsOn: ['b'] }), resource('b', { dependsOn: ['a'] })],
    }
    expect(faultsOf(sections)[0]).toContain(
      "resources[0].dependsOn: is in a circle of resources that wait for each other: 'localNetworkGateways/a', 'localNetworkGateways/b'",
    )
  })

  it('in a serial loop wait for the batch before', () => {
    const copy = { name: 'l', count: 5, mode: 'Serial', batchSize: 2 }
    const { resources } = planOf({ resources: [resource("[format('n{0}', copyIndex())]", { copy })] })
    expect(resources.map(({ waitsFor }) => waitsFor)).toEqual([
      [],
      [],
      [lng('n0'), lng('n1')],
      [lng('n0'), lng('n1')],
      [lng('n2'), lng('n3')],
    ])
  })

  it('whose condition is false are not there, and nobody waits for them', () => {
    const sections = {
      resources: [
        resource('a', { condition: '[not(true())]', properties: { x: "[nothing('of this is evaluated')]" } }),
        resource('b', { dependsOn: ['a'] }),
      ],
    }
    expect(planOf(sections).resources).toMatchObject([{ id: lng('b'), waitsFor: [] }])
  })

  it('in others are their children', () => {
    const child = { type: 'subnets', apiVersion: '2025-05-01', name: 's', properties: {} }
    const vnet = { ...resource('v'), type: 'Microsoft.Network/virtualNetworks', resources: [child] }
    expect(planOf({ resources: [vnet] }).resources).toMatchObject([
      { id: `${NETWORK}/virtualNetworks/v` },
      { id: `${NETWORK}/virtualNetworks/v/subnets/s`, waitsFor: [`${NETWORK}/virtualNetworks/v`] },
    ])
  })

  it('go where their scope says', () => {
    const role = {
      type: 'Microsoft.Authorization/roleAssignments',
      apiVersion: '2022-04-01',
      name: 'r',
      properties: {},
    }
    expect(
      ids({
        resources: [
          { ...role, scope: 'Microsoft.Network/virtualNetworks/v' },
          { ...role, scope: '/', name: 'q' },
        ],
      }),
    ).toEqual([
      `${NETWORK}/virtualNetworks/v/providers/Microsoft.Authorization/roleAssignments/r`,
      '/providers/Microsoft.Authorization/roleAssignments/q',
    ])
  })

  it('copy properties', () => {
    const copy = [
      { name: 'list', count: 2, input: { name: "[concat('n', copyIndex('list'))]" } },
      { name: 'none', count: 0, input: 1 },
    ]
    const { resources } = planOf({ resources: [resource('a', { properties: { copy, other: '[[x]' } })] })
    expect(resources[0]?.preview.body).toEqual({
      location: 'local',
      properties: { list: [{ name: 'n0' }, { name: 'n1' }], none: [], other: '[x]' },
    })
  })

  it('wait for what they ask for, and leave it out until then', () => {
    const { resources } = planOf({
      resources: [
        resource('b', {
          properties: { x: "[reference('a', '2025-05-01', 'Full').location]", y: [1, "[reference('a').z]"] },
        }),
        resource('a'),
      ],
    })
    const [, b] = resources
    expect(b?.waitsFor).toEqual([lng('a').toLowerCase()])
    expect(b?.preview).toEqual({
      body: { location: 'local', properties: { y: [1, null] } },
      pending: ['properties.x', 'properties.y[1]'],
    })
    const there = new Map([[lng('a').toLowerCase(), { location: 'here', properties: { z: 2 } }]])
    expect(b?.body(there)).toMatchObject({ value: { properties: { x: 'here', y: [1, 2] } } })
    expect(b?.body(new Map([[lng('a').toLowerCase(), undefined]]))).toMatchObject({
      type: 'bad',
      faults: [
        { path: 'resources[0].properties.x', problem: expect.stringContaining('which is not there') },
        {},
      ],
    })
  })

  it.each([
    [{ resources: {} }, 'resources: is an object; give an array of resources'],
    [{ resources: [1] }, 'resources[0]: is an integer; give a resource'],
    [{ resources: [{ type: 'A/b', name: 'n' }] }, 'resources[0].apiVersion: is missing; give a string'],
    [{ resources: [resource('a/b')] }, "with the type 'Microsoft.Network/localNetworkGateways' and 2 names"],
    [{ resources: [resource('a'), resource('A')] }, 'stands in the template twice'],
    [
      { resources: [resource('a', { dependsOn: ['x'] })] },
      "resources[0].dependsOn[0]: names 'x', which is no resource",
    ],
    [
      { resources: [resource('a', { copy: { name: 'l', count: 1_000_000 } })] },
      'resources[0].copy.count: is',
    ],
    [
      { resources: [resource("[reference('a').x]")] },
      'calls reference() where nothing can be asked of resources yet',
    ],
    [
      { resources: [resource('a', { properties: { x: '[nope()]' } })] },
      "resources[0].properties.x: calls 'nope', which is not a function",
    ],
    [{ resources: [resource('a', { properties: { x: "[listKeys('a', 'b')]" } })] }, "calls 'listKeys'"],
    [
      { resources: [resource('[string(copyIndex())]', { copy: { name: 'l', count: 800 } }), resource('x')] },
      `is one of more than ${LIMITS.resources} resources`,
    ],
  ])('%#: says what is wrong', (sections, part) => {
    expect(faultsOf(sections).join('\n')).toContain(part)
  })
})

describe('parameters', () => {
  const value = (declaration: object, given?: unknown) =>
    planOf({ parameters: { p: declaration } }, given === undefined ? {} : { P: { value: given } })
      .parameters[0]?.value

  it('are given, or have a default that may be an expression', () => {
    expect(value({ type: 'Int' }, 3)).toBe(3)
    expect(value({ type: 'string', defaultValue: "[concat(resourceGroup().name, '-x')]" })).toBe('rg-x')
    expect(value({ type: 'string', defaultValue: "[utcNow('yyyy-MM-dd')]" })).toBe('2026-11-22')
    expect(value({ type: 'string', defaultValue: '[newGuid()]' })).toHaveLength(36)
    expect(value({ type: 'array', allowedValues: [[1], [2]] }, [2])).toEqual([2])
  })

  it.each([
    [{ type: 'int' }, 'x', 'parameters.p: is a string; give a value of the type int'],
    [{ type: 'float' }, 1, 'parameters.p.type: is no type of a parameter'],
    [{ type: 'string', allowedValues: ['a', 'b'] }, 'c', 'is not an allowed value; use one of "a", "b"'],
    [{ type: 'string', minLength: 3 }, 'ab', 'has a length that is too small; give at least 3'],
    [{ type: 'int', maxValue: 3 }, 4, 'has a value that is too large; give at most 3'],
    [
      { type: 'string', defaultValue: "[variables('v')]" },
      undefined,
      'may use other parameters, and no variables',
    ],
    [{ type: 'string', defaultValue: "[parameters('p')]" }, undefined, 'parameters.p: refers to itself'],
  ])('%#: are judged', (declaration, given, part) => {
    const gifts = given === undefined ? {} : { p: { value: given } }
    expect(faultsOf({ parameters: { p: declaration } }, gifts).join('\n')).toContain(part)
  })

  it('that are not declared, or lie in a vault, are refused', () => {
    expect(faultsOf({ parameters: { a: { type: 'int', defaultValue: 1 } } }, { b: { value: 1 } })).toEqual([
      "parameters.b: is not a parameter of the template; leave it out; the template has 'a'",
    ])
    const reference = { keyVault: { id: 'x' }, secretName: 'y' }
    expect(faultsOf({ parameters: { a: { type: 'string' } } }, { a: { reference } })[0]).toContain(
      'a reference to a vault',
    )
  })
})

describe('variables', () => {
  it('are evaluated when they are used, with their loops', () => {
    const sections = {
      variables: {
        unused: "[parameters('nothing')]",
        a: { b: "[concat(variables('c'), '!')]" },
        c: 'x',
        copy: [{ name: 'l', count: 3, input: "[mul(copyIndex('l'), 2)]" }],
      },
      outputs: { o: { type: 'array', value: ["[variables('A').B]", "[variables('l')]"] } },
    }
    expect(planOf(sections).outputs[0]?.value(new Map())).toEqual({ type: 'good', value: ['x!', [0, 2, 4]] })
  })

  it('that refer to each other are refused where they are', () => {
    const sections = {
      variables: { a: "[variables('b')]", b: "[variables('a')]" },
      outputs: { o: { type: 'string', value: "[variables('a')]" } },
    }
    expect(faultsOf(sections)).toEqual(['variables.a: refers to itself; break the circle'])
  })
})

describe('outputs', () => {
  it('are of their type, have loops, and know when they are made of a secret', () => {
    const plan = planOf(
      {
        parameters: { s: { type: 'secureString' }, t: { type: 'string' } },
        variables: { made: "[concat('k', parameters('s'))]", harmless: "[parameters('t')]" },
        outputs: {
          plain: { type: 'string', value: "[variables('harmless')]" },
          hidden: { type: 'string', value: "[base64(variables('made'))]" },
          secure: { type: 'securestring', value: 'x' },
          none: { type: 'string', condition: false, value: 'x' },
          loop: { type: 'array', copy: { count: 2, input: '[copyIndex()]' } },
        },
      },
      { s: { value: 'hunter2' }, t: { value: 'y' } },
    )
    expect(plan.outputs.map(({ name, isSecret }) => [name, isSecret])).toEqual([
      ['plain', false],
      ['hidden', true],
      ['secure', true],
      ['loop', false],
    ])
    expect(plan.outputs[3]?.value(new Map())).toEqual({ type: 'good', value: [0, 1] })
    expect(faultsOf({ outputs: { o: { type: 'float', value: 1 } } })[0]).toContain('outputs.o.type')
    expect(planOf({ outputs: { o: { type: 'int', value: 'x' } } }).outputs[0]?.value(new Map()).type).toBe(
      'bad',
    )
  })
})

it('no fault tells a secret', () => {
  const parameters = { s: { type: 'securestring' } }
  const sections = { parameters, resources: [resource('a', { dependsOn: ["[parameters('s')]"] })] }
  for (const secret of ['hunter22', `long-${'x'.repeat(100)}`]) {
    const [told = ''] = faultsOf(sections, { s: { value: secret } })
    expect(told).toContain("names '[secret]")
    expect(told).not.toContain(secret.slice(0, 8))
  }
})

describe('templates in templates', () => {
  const nested = (properties: object) => ({
    type: 'Microsoft.Resources/deployments',
    apiVersion: '2025-04-01',
    name: 'inner',
    resourceGroup: 'other',
    properties: { mode: 'Incremental', ...properties },
  })

  it('are left as they are, with parameters of the outer one', () => {
    const template = { resources: [resource("[parameters('n')]")] }
    const parameters = { n: { value: "[concat('a', 'b')]" } }
    const [found] = planOf({
      resources: [nested({ template, parameters, expressionEvaluationOptions: { scope: 'Inner' } })],
    }).resources
    expect(found?.id).toBe(
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/other/providers/Microsoft.Resources/deployments/inner`,
    )
    expect(found?.nested).toMatchObject({ template, outer: undefined, resourceGroup: 'other' })
    expect(found?.preview.body).toMatchObject({ properties: { parameters: { n: { value: 'ab' } } } })
  })

  it('that are links are refused', () => {
    expect(faultsOf({ resources: [nested({ templateLink: { uri: 'https://x.example' } })] })[0]).toContain(
      'resources[0].properties.templateLink: is a link; templates of other places are not fetched',
    )
  })
})

it('a deployment to a subscription has no group', () => {
  const target = { type: 'subscription', subscriptionId: SUBSCRIPTION } as const
  const { resourceGroup: _none, ...rest } = { resourceGroup: undefined }
  const group = {
    type: 'Microsoft.Resources/resourceGroups',
    apiVersion: '2024-11-01',
    name: 'rg',
    location: 'local',
  }
  const plan = planOf({ resources: [group] }, {}, { ...rest, target })
  expect(plan.resources[0]?.id).toBe(GROUP)
})

describe('templates that ask for too much', () => {
  it('are refused, or read in a moment', () => {
    const copy = { name: 'l', count: 400 }
    const names = Array.from({ length: 400 }, (_, i) => `n${i}`)
    const resources = [
      resource("[format('n{0}', copyIndex())]", { copy }),
      resource("[format('m{0}', copyIndex())]", { copy: { ...copy, name: 'm' }, dependsOn: names }),
    ]
    expect(planOf({ resources }).resources).toHaveLength(800)
    const many = Array.from({ length: 2_000 }, () => 'l')
    expect(faultsOf({ resources: [resources[0], resource('x', { dependsOn: many })] })).toEqual([])
    expect(
      faultsOf({ resources: [resources[0], resource('x', { dependsOn: [...many, ...many] })] })[0],
    ).toContain('steps to evaluate')
    const searched = "[contains(padLeft('', 1000000, 'a'), concat('b', padLeft('', 500000, 'a')))]"
    expect(faultsOf({ outputs: { o: { type: 'bool', value: searched } } })[0]).toContain('steps to evaluate')
  })
})
