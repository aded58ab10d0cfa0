import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FILE_EDGES, PACKAGE_RULES, type PackageRule } from './levels.ts'
import { importsOf, isProduction, ROOT, type SourceFile, sourceFiles } from './source-files.ts'

const SCOPE = '@causeway/'
const packages = readdirSync(join(ROOT, 'packages'))

describe('levels', () => {
  it('names every package, and none that is gone', () => {
    expect(Object.keys(PACKAGE_RULES).sort()).toEqual([...packages].sort())
  })

  it('names edges and files that exist', () => {
    for (const rule of Object.values(PACKAGE_RULES))
      for (const edge of rule.edges) expect(packages).toContain(edge)
    for (const { file } of FILE_EDGES) expect(() => readFileSync(join(ROOT, file))).not.toThrow()
  })

  it.each(packages)('%s imports only what its level allows', name => {
    const files = sourceFiles(`packages/${name}/src`).filter(isProduction)
    expect(files.length).toBeGreaterThan(0)
    expect(files.flatMap(file => violations(name, file))).toEqual([])
  })

  it.each(packages)('%s declares what it imports', name => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'))
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
    const files = sourceFiles(`packages/${name}/src`).filter(isProduction)
    const used = new Set(files.flatMap(importsOf).filter(isExternal).map(packageOf))
    expect([...used].filter(dependency => !declared.includes(dependency))).toEqual([])
  })

  it('compiles the pure levels without the types of Node or the DOM', () => {
    for (const [name, rule] of Object.entries(PACKAGE_RULES)) {
      const { extends: base } = JSON.parse(
        readFileSync(join(ROOT, 'packages', name, 'tsconfig.json'), 'utf8'),
      )
      expect(`${name} ${base}`).toBe(`${name} ../../tsconfig.${rule.node ? 'node' : 'base'}.json`)
    }
    const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.base.json'), 'utf8'))
    expect([compilerOptions.types, compilerOptions.lib]).toEqual([[], ['ES2023']])
  })
})

describe('the rule itself', () => {
  const inWire = (text: string): SourceFile => ({ path: 'packages/wire/src/x.ts', text })

  it('refuses an upward import, Node in a pure level, and an unnamed library', () => {
    expect(violations('wire', inWire("import { a } from '@causeway/gateway'"))).toHaveLength(1)
    expect(violations('wire', inWire("import fs from 'node:fs'"))).toHaveLength(1)
    expect(violations('wire', inWire("export * from 'left-pad'"))).toHaveLength(1)
    expect(violations('wire', inWire("const x = await import('@causeway/openvpn')"))).toHaveLength(1)
    expect(violations('wire', inWire("import { y } from './y.ts'"))).toEqual([])
  })
})

function violations(name: string, file: SourceFile): string[] {
  const rule = PACKAGE_RULES[name]
  if (!rule) return [`${name} has no rule`]
  return importsOf(file)
    .filter(specifier => !allowed(rule, file, specifier))
    .map(specifier => `${file.path} imports ${specifier}`)
}

function allowed(rule: PackageRule, file: SourceFile, specifier: string): boolean {
  if (specifier.startsWith('.')) return true
  if (specifier.startsWith('node:')) return rule.node
  if (!specifier.startsWith(SCOPE)) return rule.libraries.includes(packageOf(specifier))
  const target = packageOf(specifier).slice(SCOPE.length)
  if (FILE_EDGES.some(edge => edge.file === file.path && edge.imports === target)) return true
  const level = PACKAGE_RULES[target]?.level
  return rule.edges.includes(target) || (typeof level === 'number' && rule.below.includes(level))
}

function isExternal(specifier: string): boolean {
  return !specifier.startsWith('.') && !specifier.startsWith('node:')
}

/** `@scope/name/sub` → `@scope/name`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
