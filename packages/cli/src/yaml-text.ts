import {
  Composer,
  type Document,
  type ErrorCode,
  isMap,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml'

/** The documents of a YAML text, or what is wrong with it, in words that repeat nothing of the text. */
export type YamlText =
  | { readonly type: 'good'; readonly documents: readonly unknown[] }
  /** `problem` begins with the line and the column, where they are known. */
  | { readonly type: 'bad'; readonly problem: string }

/** Ours: deeper than any template nests. The library calls itself once a level, and the stack has an end. */
const DEPTH_LIMIT = 128
/** Ours: how many aliases a document may have; those of aliases multiply. */
const ALIAS_LIMIT = 100

/**
 * Reads YAML 1.2 as the JSON that it stands for: the core schema without tags, every key a text that stands once.
 * Documents without content are left out. How much aliases make of a text is for the caller to look at.
 */
export function parseYaml(text: string): YamlText {
  const lines = new LineCounter()
  const fault = (problem: string, offset?: number): YamlText => {
    if (offset === undefined) return { type: 'bad', problem }
    const { line, col } = lines.linePos(offset)
    return { type: 'bad', problem: `line ${line}, column ${col}: ${problem}` }
  }
  const documents: unknown[] = []
  try {
    for (const document of composed(text, lines)) {
      const found = faultOf(document)
      if (found) return fault(found.problem, found.offset)
      const value = valueIn(document)
      if (value === undefined) return fault('an alias has no anchor before it, or there are too many')
      if (value !== null) documents.push(value)
    }
  } catch (error) {
    if (error instanceof TooDeep) return fault(`is nested deeper than ${DEPTH_LIMIT} levels`, error.offset)
    // The library's own, with a text that names the alias.
    if (error instanceof ReferenceError)
      return fault('an alias has no anchor before it, or there are too many')
    throw error
  }
  return { type: 'good', documents }
}

/** How the library is to read: nothing beyond JSON, and nothing that it would let pass. */
const OPTIONS = {
  version: '1.2',
  schema: 'core',
  merge: false,
  strict: true,
  // The library compares every key with every other; `faultWithin` does it in one go.
  uniqueKeys: false,
  stringKeys: true,
  logLevel: 'silent',
} as const

function composed(text: string, lines: LineCounter): Iterable<Document.Parsed> {
  return new Composer(OPTIONS).compose(tokens(text, lines), true, text.length)
}

/** The library's parser, stopped before its depth is a danger to what reads its tokens. */
function* tokens(text: string, lines: LineCounter): ReturnType<Parser['parse']> {
  const parser = new Parser(lines.addNewLine)
  lines.addNewLine(0)
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme)
    if (parser.stack.length > DEPTH_LIMIT) throw new TooDeep(parser.offset)
  }
  yield* parser.end()
}

class TooDeep extends Error {
  readonly offset: number

  constructor(offset: number) {
    super('nested too deeply')
    this.offset = offset
  }
}

/** What the document stands for; `undefined`: its aliases are wrong. */
function valueIn(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIAS_LIMIT }) as unknown
  } catch (error) {
    // The library's own way to say so, with a text that names the alias.
    if (error instanceof ReferenceError) return undefined
    throw error
  }
}

interface Fault {
  readonly problem: string
  readonly offset?: number
}

function faultOf(document: Document.Parsed): Fault | undefined {
  const [first] = [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0])
  if (first) return { problem: PROBLEMS[first.code], offset: first.pos[0] }
  const { yaml, tags } = document.directives
  if ((yaml.explicit === true && yaml.version !== '1.2') || Object.keys(tags).some(handle => handle !== '!!'))
    return { problem: 'directives other than %YAML 1.2 are not taken', offset: document.range[0] }
  return faultWithin(document)
}

/** Tags make other things of a value than it looks like, and of a key that stands twice one value would be lost. */
function faultWithin(document: Document.Parsed): Fault | undefined {
  let found: Fault | undefined
  visit(document, {
    Node: (_, node) => {
      const isTagged = node.tag !== undefined
      const place = isTagged ? node : isMap(node) ? repeatedKey(node) : undefined
      if (!place) return undefined
      const problem = isTagged ? PROBLEMS.TAG_RESOLVE_FAILED : PROBLEMS.DUPLICATE_KEY
      found = { problem, ...(place.range && { offset: place.range[0] }) }
      return visit.BREAK
    },
  })
  return found
}

function repeatedKey({ items }: YAMLMap): Scalar | undefined {
  const known = new Set<unknown>()
  for (const { key } of items) {
    if (!isScalar(key)) continue
    if (known.has(key.value)) return key
    known.add(key.value)
  }
  return undefined
}

/** The library's messages quote the text, which may be a secret: these do not. */
const PROBLEMS: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias has an anchor or a tag of its own',
  BAD_ALIAS: 'an alias has no name',
  BAD_COLLECTION_TYPE: 'a collection is of the wrong kind',
  BAD_DIRECTIVE: 'a directive is wrong',
  BAD_DQ_ESCAPE: 'a backslash in double quotes begins no escape; double it',
  BAD_INDENT: 'the indentation does not fit the lines before',
  BAD_PROP_ORDER: 'anchors stand after the mark that they belong to',
  BAD_SCALAR_START: 'a text begins with a reserved character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a block stands where a key or a value of one line should',
  BLOCK_IN_FLOW: 'a block stands within brackets or braces',
  DUPLICATE_KEY: 'a key stands there twice',
  IMPOSSIBLE: 'cannot be read',
  KEY_OVER_1024_CHARS: 'a key is longer than 1,024 characters',
  MISSING_CHAR: 'a quote, bracket, comma or colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a key spreads over several lines',
  MULTIPLE_ANCHORS: 'a value has more than one anchor',
  MULTIPLE_DOCS: 'there is more than one document',
  MULTIPLE_TAGS: 'a value has more than one tag',
  NON_STRING_KEY: 'a key is not a text',
  RESOURCE_EXHAUSTION: 'is nested too deeply',
  TAB_AS_INDENT: 'a tab indents the line; use spaces',
  TAG_RESOLVE_FAILED: 'tags (!) are not taken; remove it, or put the text in quotes',
  UNEXPECTED_TOKEN: 'something stands where it cannot',
}
