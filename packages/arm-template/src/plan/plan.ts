import type { DocumentFault, ParameterType } from '@causeway/api-contract'
import type { References } from '../context.ts'
import type { Need } from '../fault.ts'
import type { Value, ValueObject } from '../value.ts'
import type { Names } from './names.ts'
import type { DeclaredParameter } from './parameters.ts'

/** What became of a part of a template that may ask things of resources. */
export type Evaluated<Result> =
  | { readonly type: 'good'; readonly value: Result }
  /** It asks for what is not among the references yet. */
  | { readonly type: 'waiting'; readonly needs: readonly Need[] }
  | { readonly type: 'bad'; readonly faults: readonly DocumentFault[] }

/** What a template comes to. */
export interface Plan {
  readonly parameters: readonly (DeclaredParameter & { readonly value: Value })[]
  /** Each stands behind what it waits for. Those whose condition is false are not there. */
  readonly resources: readonly PlannedResource[]
  readonly outputs: readonly PlannedOutput[]
  /** Texts that are secrets: to be told to nobody. */
  readonly secrets: readonly string[]
}

/** A resource that a template makes. */
export interface PlannedResource {
  readonly id: string
  readonly type: string
  /** Its names, with `/` between them. */
  readonly name: string
  readonly apiVersion: string
  /** Where it stands in the template: `resources[0]`. */
  readonly path: string
  /** Ids of resources of the template that have to be there before. */
  readonly waitsFor: readonly string[]
  readonly preview: Preview
  /** The body to be put, as far as all that it asks for is known. Every call may ask for more. */
  readonly body: (references: References) => Evaluated<ValueObject>
  /** Of a resource that is a deployment by itself: the template in it. */
  readonly nested: NestedTemplate | undefined
}

/** A body before anything is known of other resources. */
export interface Preview {
  readonly body: ValueObject
  /** Places in the body that only other resources can tell, as `properties.peer.id`; they are left out of it. */
  readonly pending: readonly string[]
}

/** A template in a template. */
export interface NestedTemplate {
  readonly template: Value
  /** Absent: it has names of its own. Else its expressions are of the template around it. */
  readonly outer: Names | undefined
  /** Where it is deployed to, when that is elsewhere. */
  readonly subscriptionId: string | undefined
  readonly resourceGroup: string | undefined
}

/** An output of a template. */
export interface PlannedOutput {
  readonly name: string
  readonly type: ParameterType
  /** Whether its value is, or is made of, a secret: never stored or answered. */
  readonly isSecret: boolean
  readonly value: (references: References) => Evaluated<Value>
}
