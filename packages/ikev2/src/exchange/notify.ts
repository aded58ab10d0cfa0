import { FIRST_STATUS_NOTIFY, PROTOCOL } from '../wire/numbers.ts'
import type { Payload, PayloadOf } from '../wire/payload.ts'

const NONE = new Uint8Array()

/** A notification that concerns the IKE SA or the message, of no Child SA (RFC 7296 §3.10). */
export function notify(type: number, data: Uint8Array = NONE): PayloadOf<'N'> {
  return { type: 'N', protocol: PROTOCOL.NONE, spi: NONE, notify: type, data }
}

/** The first notification of a type. */
export function findNotify(payloads: readonly Payload[], type: number): PayloadOf<'N'> | undefined {
  return notifiesOf(payloads, type)[0]
}

export function notifiesOf(payloads: readonly Payload[], type: number): PayloadOf<'N'>[] {
  return payloads.filter(
    (payload): payload is PayloadOf<'N'> => payload.type === 'N' && payload.notify === type,
  )
}

/** The first notification that is an error. */
export function findError(payloads: readonly Payload[]): PayloadOf<'N'> | undefined {
  return payloads.find(
    (payload): payload is PayloadOf<'N'> => payload.type === 'N' && payload.notify < FIRST_STATUS_NOTIFY,
  )
}

/** The first payload of a type. */
export function findPayload<Type extends Payload['type']>(
  payloads: readonly Payload[],
  type: Type,
): PayloadOf<Type> | undefined {
  return payloads.find((payload): payload is PayloadOf<Type> => payload.type === type)
}
