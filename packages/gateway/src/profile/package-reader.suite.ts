import { execFileSync } from 'node:child_process'
import { unzipSync } from 'fflate'

/** A file of a package as somebody else's program reads it. */
export type ReadFile =
  /** Texts of innermost elements by `/path/of/names`, in their order. */
  | { readonly kind: 'xml'; readonly texts: Readonly<Record<string, readonly string[]>> }
  /** A property list or JSON; data is base64. */
  | { readonly kind: 'plist' | 'json'; readonly value: unknown }
  /** A key file, by section and key. */
  | { readonly kind: 'keys'; readonly value: Readonly<Record<string, Readonly<Record<string, string>>>> }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes' }

const SCRIPT = `
import sys, io, json, base64, zipfile, plistlib, configparser, xml.etree.ElementTree as tree
def xml(data):
    texts = {}
    def walk(element, path):
        path += '/' + element.tag.split('}')[-1]
        if len(element) == 0: texts.setdefault(path, []).append(element.text or '')
        for inner in element: walk(inner, path)
    walk(tree.fromstring(data), '')
    return {'kind': 'xml', 'texts': texts}
def keys(data):
    parser = configparser.RawConfigParser(delimiters=('=',), comment_prefixes=('#',), strict=True, default_section='')
    parser.optionxform = str
    parser.read_string(data.decode())
    return {'kind': 'keys', 'value': {name: dict(parser[name]) for name in parser.sections()}}
def read(path, data):
    if path.endswith('.xml'): return xml(data)
    if path.endswith('.mobileconfig'): return {'kind': 'plist', 'value': plistlib.loads(data)}
    if path.endswith('.sswan'): return {'kind': 'json', 'value': json.loads(data)}
    if path.endswith('.nmconnection'): return keys(data)
    if path.split('/')[-1].split('.')[-1].startswith('cer'): return {'kind': 'bytes'}
    return {'kind': 'text', 'text': data.decode()}
def package(data):
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    return {name: read(name, archive.read(name)) for name in archive.namelist()}
packages = [package(base64.b64decode(line)) for line in sys.stdin.read().split()]
print(json.dumps(packages, default=lambda data: base64.b64encode(data).decode()))`

export type ReadPackage = Readonly<Record<string, ReadFile>>

/** Every file of each package, read by Python. Errors: a zip, or a file in it, is not what it is called. */
export function readPackages(zips: readonly Uint8Array[]): ReadPackage[] {
  const input = zips.map(zip => Buffer.from(zip).toString('base64')).join('\n')
  const output = execFileSync('python3', ['-c', SCRIPT], { input, encoding: 'utf8', maxBuffer: 2 ** 28 })
  return JSON.parse(output) as ReadPackage[]
}

export function readPackage(zip: Uint8Array): ReadPackage {
  const [read] = readPackages([zip])
  if (!read) throw new Error('no package was read')
  return read
}

/** A file as it lies in the package. Errors: it is not there. */
export function bytesOf(zip: Uint8Array, path: string): Uint8Array {
  const bytes = unzipSync(zip)[path]
  if (!bytes) throw new Error(`no ${path} in the package`)
  return bytes
}

export function textOf(zip: Uint8Array, path: string): string {
  return new TextDecoder().decode(bytesOf(zip, path))
}

/** Texts of an XML file. Errors: it is not there, or is none. */
export function xmlOf(read: ReadPackage, path: string): Readonly<Record<string, readonly string[]>> {
  const file = read[path]
  if (file?.kind !== 'xml') throw new Error(`no XML at ${path}`)
  return file.texts
}
