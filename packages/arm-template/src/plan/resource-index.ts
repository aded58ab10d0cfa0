import type { DeclaredResource } from './declared-resources.ts'

/** Resources of a template by everything that they are called, its case not minded. */
export class ResourceIndex {
  readonly #all: readonly DeclaredResource[]
  /** How many there were when the index was made: more may be declared since. */
  #count = 0
  readonly #named = new Map<string, DeclaredResource[]>()

  constructor(all: readonly DeclaredResource[]) {
    this.#all = all
  }

  /**
   * By id; by name; by type and name, either `A.B/c/d/x/y` or `A.B/c/x/d/y`; or all of a copy loop by its name.
   */
  called(text: string): readonly DeclaredResource[] {
    for (; this.#count < this.#all.length; this.#count++) {
      const resource = this.#all[this.#count]
      if (resource) for (const key of keysOf(resource)) this.#add(key, resource)
    }
    return this.#named.get(text.toLowerCase()) ?? []
  }

  #add(key: string, resource: DeclaredResource): void {
    const present = this.#named.get(key)
    if (present) present.push(resource)
    else this.#named.set(key, [resource])
  }
}

function keysOf({ id, name, type, loop = name }: DeclaredResource): ReadonlySet<string> {
  return new Set([id, name, loop, `${type}/${name}`, pairedName(type, name)].map(each => each.toLowerCase()))
}

/** `Microsoft.Network/virtualNetworks/v/subnets/s`. */
function pairedName(type: string, name: string): string {
  const [namespace = '', ...types] = type.split('/')
  const names = name.split('/')
  return [namespace, ...types.flatMap((word, i) => [word, names[i] ?? ''])].join('/')
}
