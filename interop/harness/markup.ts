import { execFileSync } from 'node:child_process'

// Other people's readers of XML, so that what we write is judged by them.

const XML_SCRIPT = `
import sys, json, xml.etree.ElementTree as tree
texts = {}
def walk(element, path):
    path += '/' + element.tag.split('}')[-1]
    if len(element) == 0: texts.setdefault(path, []).append(element.text or '')
    for inner in element: walk(inner, path)
walk(tree.fromstring(sys.stdin.buffer.read()), '')
print(json.dumps(texts))`

const PLIST_SCRIPT = `
import sys, json, base64, plistlib
value = plistlib.loads(sys.stdin.buffer.read())
print(json.dumps(value, default=lambda data: base64.b64encode(data).decode()))`

/** The texts of innermost elements, by `/path/of/names`. */
export class XmlTexts {
  readonly #texts: Readonly<Record<string, readonly string[]>>

  /** Errors: the text is no XML. */
  constructor(xml: string) {
    this.#texts = python(XML_SCRIPT, xml) as Record<string, readonly string[]>
  }

  all(path: string): readonly string[] {
    return this.#texts[path] ?? []
  }

  /** Errors: there is no such element, or it has others in it. */
  one(path: string): string {
    const [text] = this.all(path)
    if (text === undefined) throw new Error(`no ${path}; there are ${Object.keys(this.#texts).join(', ')}`)
    return text
  }
}

/** A property list as JSON; data is base64. Errors: the text is no property list. */
export function readPlist(plist: string): unknown {
  return python(PLIST_SCRIPT, plist)
}

function python(script: string, input: string): unknown {
  return JSON.parse(execFileSync('python3', ['-c', script], { input, encoding: 'utf8' }))
}
