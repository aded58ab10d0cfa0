import type { GatewayResource } from '@causeway/gateway'
import type { Services } from '../call/services.ts'
import { limits } from '../limits.ts'
import { adoptionStep } from './adoption-step.ts'
import { rejoinNetwork } from './rejoining.ts'

/** `busy`: a resource is being changed, and says something else than what is in force until that has ended. */
export type Adopted = 'adopted' | 'busy'

/**
 * Makes the resources say what is in force. What the operator's commands, or an earlier process, have made of the
 * gateway becomes its resource's body; what somebody wants and could not have stays the body of a failed resource.
 *
 * It takes no locks: it is called from within changes of the gateway, for which others wait who hold some. Every
 * document is compared and set, and begun anew when somebody else was quicker.
 *
 * Errors: the store's.
 *
 * @param present what is in force; `undefined`: there is no gateway.
 */
export async function adoptGateway(
  services: Services,
  present: GatewayResource | undefined,
): Promise<Adopted> {
  for (let tries = 0; tries < limits.writeTries; tries++) {
    const step = await adoptionStep(services, present)
    if (step.type === 'busy') {
      // What is free is brought in line all the same.
      const { type } = await services.resources.commit(step.changes)
      if (type === 'written') return 'busy'
    } else if (step.changes.length === 0) return 'adopted'
    else {
      const { type } = await services.resources.commit(step.changes)
      if (type === 'written') return 'adopted'
    }
  }
  throw new Error('ERR_API_CONTENDED: what is in force could not be written into the resources')
}

/**
 * Keeps the gateway's resource in line with what is in force: at once, or when the operation that holds it has ended.
 */
export class Adoption {
  readonly #services: () => Services
  readonly #present: () => GatewayResource | undefined
  #isPending = false
  /** One at a time. */
  #turn: Promise<void> = Promise.resolve()

  /** @param present what is in force, whenever it is looked at. */
  constructor(services: () => Services, present: () => GatewayResource | undefined) {
    this.#services = services
    this.#present = present
  }

  /** Whether the resource does not say yet what is in force: no change of it may be applied then. */
  get isPending(): boolean {
    return this.#isPending
  }

  /** Errors: the store's; it is tried again when the next operation ends. */
  adopt(present: GatewayResource | undefined): Promise<void> {
    // From now on: until it is written down, nobody may apply what was judged by something else.
    this.#isPending = true
    return this.#inTurn(() => present)
  }

  /** Called when an operation has ended. */
  retry(): void {
    if (!this.#isPending) return
    const { background, log } = this.#services()
    const trying = this.#inTurn(this.#present)
      .then(() => this.#rejoin())
      .catch((error: unknown) => log.error({ err: error }, 'what is in force could not be adopted'))
      .finally(() => background.delete(trying))
    background.add(trying)
  }

  /** What could not be applied while the resource was behind. */
  async #rejoin(): Promise<void> {
    const services = this.#services()
    if (!this.#isPending && services.network) await rejoinNetwork(services, services.network)
  }

  #inTurn(present: () => GatewayResource | undefined): Promise<void> {
    const turn = this.#turn.then(async () => {
      this.#isPending = (await adoptGateway(this.#services(), present())) === 'busy'
    })
    this.#turn = turn.catch(() => undefined)
    return turn
  }
}
