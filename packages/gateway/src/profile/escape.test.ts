import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { keyFileValue, powerShellString, pppdWord, shellWord, strongswanString, xmlText } from './escape.ts'

describe('escaping', () => {
  it('leaves nothing that ends a PowerShell string', () => {
    expect(powerShellString("a'; rm -r / #")).toBe("'a''; rm -r / #'")
    expect(powerShellString('a\u2019\n$(evil)')).toBe("'a??$(evil)'")
  })

  it('leaves nothing that ends an XML text', () => {
    expect(xmlText('</string>&\u0000"')).toBe('&lt;/string&gt;&amp;&quot;')
  })

  it('leaves nothing that ends a value of strongSwan', () => {
    expect(strongswanString('a" }\\')).toBe('"a\\" }\\\\"')
  })

  it.each(["it's", '$(id) `id` "$HOME"', "'; id #", 'two\nlines', '', '*', '\\', '-x'])(
    'makes %j one word of a shell',
    text => {
      const script = `printf '%s.' ${shellWord(text)}`
      expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(`${text}.`)
    },
  )

  it('leaves nothing that ends a word of pppd', () => {
    expect(pppdWord('a b" noauth \\')).toBe('"a b\\" noauth \\\\"')
    expect(pppdWord('a\nplugin evil.so')).toBe('"aplugin evil.so"')
  })

  it('leaves nothing that ends a line of a key file', () => {
    expect(keyFileValue(' a\n[vpn]\r\tb\\c\u0000')).toBe('\\sa\\n[vpn]\\r\\tb\\\\c')
  })
})
