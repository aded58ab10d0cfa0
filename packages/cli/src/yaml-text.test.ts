import { describe, expect, it } from 'vitest'
import { parseYaml } from './yaml-text.ts'

describe('parseYaml', () => {
  it('reads what JSON can say, dates and names as the texts that they are', () => {
    const text = 'apiVersion: 2025-05-01\nname: no\non: true\nports: [1, 0x10]\nnone: ~\n'
    expect(parseYaml(text)).toEqual({
      type: 'good',
      documents: [{ apiVersion: '2025-05-01', name: 'no', on: true, ports: [1, 16], none: null }],
    })
  })

  it('reads several documents, and none where nothing is', () => {
    expect(parseYaml('a: 1\n---\nb: 2\n---\n# no more\n')).toEqual({
      type: 'good',
      documents: [{ a: 1 }, { b: 2 }],
    })
    expect(parseYaml('# nothing')).toEqual({ type: 'good', documents: [] })
    expect(parseYaml('%YAML 1.2\n---\na: 1')).toMatchObject({ type: 'good' })
  })

  it('reads anchors and their aliases', () => {
    expect(parseYaml('a: &x [1]\nb: *x')).toEqual({ type: 'good', documents: [{ a: [1], b: [1] }] })
  })

  it.each([
    ['a:\n  - Wombat\n bad', 'line 3, column 1: the indentation does not fit'],
    ['secret: }Wombat', 'line 1, column 9: something stands where it cannot'],
    ['a: "Wombat\n', 'line 2, column 1: a quote, bracket, comma or colon is missing'],
    ['a: 1\na: Wombat', 'line 2, column 1: a key stands there twice'],
    ['{a: 1, a: Wombat}', 'line 1, column 8: a key stands there twice'],
    ['a: !Wombat 1', 'column 4: tags (!) are not taken'],
    ['a: !!binary V29tYmF0', 'tags (!) are not taken'],
    ['a: !!js/function "Wombat"', 'tags (!) are not taken'],
    ['- !!str Wombat', 'tags (!) are not taken'],
    ['1: a\n"1": Wombat', 'line 2, column 1: a key stands there twice'],
    ['- x: {? a, ? a}', 'line 1, column 14: a key stands there twice'],
    ['? [Wombat]\n: 1', 'a key is not a text'],
    ['%YAML 1.1\n---\nWombat: yes', 'directives other than %YAML 1.2 are not taken'],
    ['%TAG !e! tag:wombat,2000:\n---\na: 1', 'directives other than'],
    ['a: *Wombat', 'an alias has no anchor before it'],
    ['a:\n\t- Wombat', 'line 2, column 1: a tab indents the line'],
    ['@Wombat', 'a text begins with a reserved character'],
    ['a: 1\n---\nb: }Wombat', 'line 3, column 4: '],
  ])('refuses %j, and repeats nothing of it', (text, problem) => {
    const read = parseYaml(text)
    expect(read).toMatchObject({ type: 'bad', problem: expect.stringContaining(problem) })
    expect(JSON.stringify(read)).not.toMatch(/wombat/i)
  })

  it('refuses aliases that multiply', () => {
    const laughs = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(10)}]`)
    expect(parseYaml(['a0: &a0 [x]', ...laughs].join('\n'))).toMatchObject({
      type: 'bad',
      problem: expect.stringContaining('too many'),
    })
  })

  it('compares a great many keys in good time', () => {
    const text = Array.from({ length: 50_000 }, (_, i) => `key${i}: 1`).join('\n')
    expect(parseYaml(text)).toMatchObject({ type: 'good' })
    expect(parseYaml(`${text}\nkey0: 1`)).toMatchObject({
      type: 'bad',
      problem: 'line 50001, column 1: a key stands there twice',
    })
  })

  it.each([
    ['brackets', '['.repeat(200_000)],
    ['braces', '{a: '.repeat(100_000)],
    ['hyphens', '- '.repeat(100_000)],
    ['question marks', '? '.repeat(100_000)],
    ['indentation', Array.from({ length: 2_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('refuses %s that go too deep, whatever they would become', (_, text) => {
    expect(parseYaml(text)).toMatchObject({ type: 'bad', problem: expect.stringContaining('nested deeper') })
  })
})
