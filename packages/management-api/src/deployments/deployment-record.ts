import { randomUUID } from 'node:crypto'
import { type ErrorBody, parseResourceId, resourceName, resourceTypeOf } from '@causeway/api-contract'
import { type Call, timeOf } from '../call/call.ts'
import type { DeploymentDocument, DeploymentStep } from './deployment-document.ts'

/** A deployment that goes on, as it is stored step by step. */
export class DeploymentRecord {
  readonly #call: Call
  #document: DeploymentDocument
  /** One write at a time, so that none overtakes another. */
  #writing: Promise<void> = Promise.resolve()
  /** The write that has not begun yet: it takes along what is changed until then. */
  #next: Promise<void> | undefined

  constructor(call: Call, document: DeploymentDocument) {
    this.#call = call
    this.#document = document
  }

  get document(): DeploymentDocument {
    return this.#document
  }

  /** Stores other values. Errors: the store's. */
  change(changes: Partial<DeploymentDocument>): Promise<void> {
    this.#document = { ...this.#document, ...changes, changedAt: timeOf(this.#call) }
    if (this.#next) return this.#next
    const written = this.#writing.then(() => {
      this.#next = undefined
      return this.#call.services.deployments.write(this.#document)
    })
    this.#next = written
    // Whoever waits for this write is told of its failure; the next one is tried all the same.
    this.#writing = written.catch(() => undefined)
    return written
  }

  /** Notes that something is begun; tell how it ended with {@link end}. */
  async begin(kind: DeploymentStep['kind'], id: string | undefined): Promise<string> {
    const at = timeOf(this.#call)
    const operationId = randomUUID()
    const step: DeploymentStep = {
      operationId,
      kind,
      state: 'Running',
      startedAt: at,
      endedAt: at,
      statusCode: 'Accepted',
      error: undefined,
      target: id === undefined ? undefined : targetResource(id),
    }
    await this.change({ steps: [...this.#document.steps, step] })
    return operationId
  }

  async end(operationId: string, statusCode: string, error: ErrorBody | undefined): Promise<void> {
    const endedAt = timeOf(this.#call)
    const state = error ? 'Failed' : 'Succeeded'
    await this.change({
      steps: this.#document.steps.map(step =>
        step.operationId === operationId ? { ...step, state, statusCode, error, endedAt } : step,
      ),
    })
  }
}

function targetResource(id: string): DeploymentStep['target'] {
  const read = parseResourceId(id)
  if (read.type === 'bad') return undefined
  return { id, resourceType: resourceTypeOf(read.id), resourceName: resourceName(read.id) }
}
