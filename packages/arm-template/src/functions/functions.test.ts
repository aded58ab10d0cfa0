import { describe, expect, it } from 'vitest'
import { faultOfExpression, GROUP, NETWORK, SUBSCRIPTION, valueOfExpression } from '../arm-template.suite.ts'

const parameters = {
  o: { type: 'object', defaultValue: { a: 1, B: { c: [1, 2] } } },
  l: { type: 'array', defaultValue: ['x', 'y', 'x'] },
}
const value = (expression: string): unknown => valueOfExpression(`[${expression}]`, { parameters })
const fault = (expression: string): string => faultOfExpression(`[${expression}]`, { parameters })
const O = "parameters('o')"
const L = "parameters('l')"

describe('functions', () => {
  it.each([
    ["concat('a', 1, true())", 'a1True'],
    [`concat(${L}, createArray(1))`, ['x', 'y', 'x', 1]],
    ["format('{0}-{1:D3}-{2:x}|{3,4}|{{}}', 'a', 7, 255, 'b')", 'a-007-ff|   b|{}'],
    ["format('{0:000}', -5)", '-005'],
    ["toLower('ABC')", 'abc'],
    ["toUpper('abc')", 'ABC'],
    ["trim('  a ')", 'a'],
    ["substring('abcdef', 2)", 'cdef'],
    ["substring('abcdef', 2, 3)", 'cde'],
    ["replace('a-b-c', '-', '')", 'abc'],
    ["split('a,b;c', createArray(',', ';'))", ['a', 'b', 'c']],
    ["join(createArray('a', 1), '-')", 'a-1'],
    ["startsWith('Abc', 'aB')", true],
    ["endsWith('abC', 'Bc')", true],
    ["indexOf('abcABC', 'CA')", 2],
    ["lastIndexOf('abcabc', 'B')", 4],
    [`indexOf(${L}, 'y')`, 1],
    [`lastIndexOf(${L}, 'x')`, 2],
    ["padLeft(12, 5, '0')", '00012'],
    [`length(${L})`, 3],
    [`length(${O})`, 2],
    ["empty('')", true],
    ['empty(null())', true],
    [`first(${L})`, 'x'],
    ["last('abc')", 'c'],
    [`take(${L}, 2)`, ['x', 'y']],
    ["skip('abc', 1)", 'bc'],
    ["contains('abc', 'b')", true],
    [`contains(${L}, 'z')`, false],
    [`contains(${O}, 'b')`, true],
    [`union(${L}, createArray('z', 'y'))`, ['x', 'y', 'z']],
    [`union(${O}, createObject('B', createObject('d', 2)))`, { a: 1, B: { c: [1, 2], d: 2 } }],
    [`intersection(${L}, createArray('x'))`, ['x']],
    [`intersection(${O}, createObject('a', 1, 'B', 2))`, { a: 1 }],
    ["array('a')", ['a']],
    ['createObject()', {}],
    ['flatten(createArray(createArray(1), createArray(2, 3)))', [1, 2, 3]],
    [
      `items(createObject('b', 1, 'a', 2))`,
      [
        { key: 'a', value: 2 },
        { key: 'b', value: 1 },
      ],
    ],
    [`objectKeys(${O})`, ['a', 'B']],
    ['range(3, 3)', [3, 4, 5]],
    ['min(3, 1, 2)', 1],
    ['max(createArray(3, 1))', 3],
    ['add(1, 2)', 3],
    ['sub(1, 2)', -1],
    ['mul(2, -0)', 0],
    ['div(-7, 2)', -3],
    ['mod(7, 3)', 1],
    ["int('42')", 42],
    ["string(createObject('a', 1))", '{"a":1}'],
    ["bool('TRUE')", true],
    ['bool(0)', false],
    ['json(\'{"a": [1, null]}\').a[0]', 1],
    ["base64('héllo')", 'aMOpbGxv'],
    ["base64ToString('aMOpbGxv')", 'héllo'],
    ["base64ToJson(base64('[1]'))", [1]],
    ["uri('https://x.example/a/b', 'c')", 'https://x.example/a/c'],
    ["uri('https://x.example', '/c')", 'https://x.example/c'],
    ["uriComponent('a b/c')", 'a%20b%2Fc'],
    ["uriComponentToString('a%20b')", 'a b'],
    ['if(true(), 1, div(1, 0))', 1],
    ['and(false(), div(1, 0))', false],
    ['or(true(), div(1, 0))', true],
    ['not(false())', true],
    [`equals(${O}, createObject('B', ${O}.b, 'a', 1))`, true],
    ["equals('a', 'A')", false],
    ['less(1, 2)', true],
    ["lessOrEquals('b', 'a')", false],
    ['greater(2, 1)', true],
    ['greaterOrEquals(2, 2)', true],
    ['coalesce(null(), 3, div(1, 0))', 3],
    ["dateTimeAdd('2024-01-31T10:00:00Z', 'P1M')", '2024-02-29T10:00:00Z'],
    ["dateTimeAdd('20240229T000000Z', '-P1Y', 'yyyy-MM-dd')", '2023-02-28'],
    ["dateTimeAdd('2026-12-31 23:59:59Z', 'PT1S', 'u')", '2027-01-01 00:00:00Z'],
    ["dateTimeToEpoch('2026-11-22T12:00:00Z')", 1_795_348_800],
    ['dateTimeFromEpoch(1795348800)', '2026-11-22T12:00:00Z'],
    [`${O}.b.C[1]`, 2],
    [`${O}['a']`, 1],
    ['resourceGroup().location', 'local'],
    ['subscription().subscriptionId', SUBSCRIPTION],
    ['tenant().tenantId', '11111111-2222-4333-8444-555555555555'],
    ['deployment().name', 'd'],
    ['environment().name', 'Causeway'],
    ["providers('Microsoft.Network', 'connections').apiVersions[0]", '2025-05-01'],
    ["resourceId('microsoft.network/connections', 'c')", `${NETWORK}/connections/c`],
    [
      "resourceId('g2', 'Microsoft.Network/virtualNetworks/subnets', 'v', 's')",
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/g2/providers/Microsoft.Network/virtualNetworks/v/subnets/s`,
    ],
    ["resourceId('s2', 'g2', 'A.B/c', 'd')", '/subscriptions/s2/resourceGroups/g2/providers/A.B/c/d'],
    [
      "subscriptionResourceId('Microsoft.Resources/resourceGroups', 'g')",
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/g`,
    ],
    ["tenantResourceId('A.B/c', 'd')", '/providers/A.B/c/d'],
    ["extensionResourceId(resourceGroup().id, 'A.B/c', 'd')", `${GROUP}/providers/A.B/c/d`],
  ])('%s', (expression, expected) => {
    expect(value(expression)).toEqual(expected)
  })

  it('make the same unique texts from the same seeds, and others from others', () => {
    const seed = "resourceGroup().id, 'x'"
    expect(value(`uniqueString(${seed})`)).toMatch(/^[a-z2-7]{13}$/)
    expect(value(`uniqueString(${seed})`)).toBe(value(`UNIQUESTRING(${seed})`))
    expect(value("uniqueString('a', 'b')")).not.toBe(value("uniqueString('ab')"))
    expect(value(`guid(${seed})`)).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
  })

  it.each([
    ['nope()', "calls 'nope', which is not a function"],
    ["contoso.unique('a')", 'user-defined function'],
    ["listKeys('a', 'b')", "calls 'listKeys'"],
    ['toLower(1)', 'calls toLower() with an integer as argument 1; give a string'],
    ['toLower()', 'calls toLower() with 0 arguments; give 1'],
    ["padLeft('a')", 'give 2 to 3'],
    ['concat()', 'give at least 1'],
    ['if(1, 2, 3)', 'calls if() with an integer as argument 1; give a boolean'],
    ["substring('abc', 2, 5)", 'stay within the text'],
    ["format('{1}', 'a')", 'with {1} and 1 values'],
    ["format('{')", 'a brace that belongs to nothing'],
    ["format('{0:N2}', 1)", "with the format ':N2'"],
    ['div(1, 0)', 'with 0 to divide by'],
    ['mul(9007199254740991, 2)', 'beyond 53 bits'],
    ['range(0, 1000000)', 'give 0 to 10000'],
    ["json('{')", 'with a text that is not JSON'],
    ["base64ToString('a')", 'give base64'],
    ["uriComponentToString('%')", 'percent signs'],
    ["replace('a', '', 'b')", 'nothing to replace'],
    ["int('x')", 'give an integer'],
    ['utcNow()', 'outside of a default'],
    ['newGuid()', 'outside of a default'],
    ['copyIndex()', 'outside of its copy loop'],
    ["dateTimeAdd('2024-02-30T00:00:00Z', 'P1D')", 'a time of ISO 8601'],
    ["dateTimeAdd('2024-02-20T00:00:00Z', 'P')", 'a duration of ISO 8601'],
    [`${O}.x`, "asks for the property 'x', which the object has not; it has 'a', 'B'"],
    [`${L}[3]`, 'asks for entry 3 of 3'],
    [`${L}.a`, "asks an array for the property 'a'"],
    ["parameters('none')", "refers to 'none', which is not among the parameters"],
    ["resourceId('x')", 'with 1 arguments'],
    ["resourceId('A.B/c', 'd', 'e')", 'and 2 names; give one name for each word'],
    ["resourceId('A.B/c', 'd/../e')", 'makes no id'],
    ["reference('none')", "refers to 'none', which is no resource of the template"],
    ["providers('A.B', 'c')", "'A.B/c', which is no type here"],
    [`${O}.__proto__`, "asks for the property '__proto__'"],
    [`${O}.constructor`, "asks for the property 'constructor'"],
  ])('%s is wrong', (expression, part) => {
    expect(fault(expression)).toContain(part)
  })
})

describe('templates that ask for too much', () => {
  const doubling = (join: string) =>
    Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => {
        const before = i === 0 ? "'ab'" : `variables('v${i - 1}')`
        return [`v${i}`, `[${join}(${before}, ${before})]`]
      }),
    )
  const chain = Object.fromEntries(
    Array.from({ length: 256 }, (_, i) => [
      `v${i}`,
      `[${'array('.repeat(40)}variables('v${i + 1}')${')'.repeat(40)}]`,
    ]),
  )

  it.each([
    ['texts that double', "variables('v99')", doubling('concat'), 'more than 1048576 characters'],
    ['arrays that double', "variables('v99')", doubling('createArray'), 'steps to evaluate'],
    [
      'arrays that double, compared',
      "equals(variables('v40'), variables('v40'))",
      doubling('createArray'),
      'steps',
    ],
    ['variables that go on and on', "variables('v0')", chain, 'more than 500 calls in each other'],
    ['padding', "padLeft('a', 100000000)", {}, 'more than 1048576 characters'],
    [
      'replacing',
      "replace(padLeft('a', 100000, 'a'), 'a', padLeft('b', 1000))",
      {},
      'more than 1048576 characters',
    ],
    ['formats', `format('${'{0,9999}'.repeat(2_000)}', 1)`, {}, 'more than 1048576 characters'],
    ['JSON that is deep', `json('${'['.repeat(5_000)}${']'.repeat(5_000)}')`, {}, 'values more than 64 deep'],
  ])('%s', (_, expression, variables, part) => {
    expect(faultOfExpression(`[${expression}]`, { variables })).toContain(part)
  })

  it('with loops in loops end', () => {
    const copy = (inner: unknown) => ({ copy: [{ name: 'x', count: 800, input: inner }] })
    const variables = { v: copy(copy(copy(1))) }
    expect(faultOfExpression("[variables('v')]", { variables })).toContain('more than 1000000 steps')
  })

  it('names of the prototype are names like any other', () => {
    const variables = JSON.parse(
      '{"__proto__": {"polluted": 1}, "v": {"__proto__": {"x": 1}, "constructor": 2}}',
    )
    const sections = { variables }
    expect(valueOfExpression("[variables('__proto__').polluted]", sections)).toBe(1)
    expect(
      valueOfExpression("[union(variables('v'), createObject('__proto__', 3)).constructor]", sections),
    ).toBe(2)
    expect(valueOfExpression("[createObject('__proto__', 3).__proto__]")).toBe(3)
    expect(({} as { polluted?: unknown; x?: unknown }).polluted).toBeUndefined()
  })
})
