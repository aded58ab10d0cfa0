import Type, { type Static } from 'typebox'

const DAY_SECONDS = 86_400
const YEAR_SECONDS = 365 * DAY_SECONDS
/** As many as there can be groups (Azure). */
const GROUP_LIMIT = 90
const LIST_LIMIT = 256
/** What one flow of the datapath takes, less the gateway's own address of each family. */
const ROUTE_LIMIT = 253
const DEVICE_LIMIT = 10_000

const strict = { additionalProperties: false } as const
const text = Type.String({ minLength: 1, maxLength: 256 })
const texts = Type.Array(text, { maxItems: LIST_LIMIT })
const seconds = Type.Integer({ minimum: 0, maximum: YEAR_SECONDS })

const limits = {
  maximumSeconds: Type.Optional(seconds),
  idleSeconds: Type.Optional(seconds),
  reauthenticationSeconds: Type.Optional(seconds),
  devicesPerUser: Type.Optional(Type.Integer({ minimum: 0, maximum: DEVICE_LIMIT })),
}

/** Schema of the settings' `users`. */
export const userSettingsSchema = Type.Object(limits, strict)

/** Schema of the settings' `groups`. */
export const groupSettingsSchema = Type.Array(
  Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 80 }),
      routes: Type.Optional(Type.Array(text, { maxItems: ROUTE_LIMIT })),
      dns: Type.Optional(
        Type.Object({ servers: Type.Optional(texts), searchDomains: Type.Optional(texts) }, strict),
      ),
      ...limits,
    },
    strict,
  ),
  { maxItems: GROUP_LIMIT },
)

/**
 * What holds for every user; 0 and what is absent: no limit. `maximumSeconds`: how long a session may last;
 * `idleSeconds`: how long without traffic; `reauthenticationSeconds`: after so long its user is judged anew;
 * `devicesPerUser`: sessions of one user at once.
 */
export type UserSettings = Static<typeof userSettingsSchema>
/**
 * What holds for the users of one policy group of the resource, found by its `name`, in place of what holds for all.
 * `routes`: what they reach, of all that lies behind the gateway.
 */
export type GroupSettings = Static<typeof groupSettingsSchema>[number]

/** Defaults of the user settings: no limits, as Azure has none. */
export const DEFAULT_USERS: Required<UserSettings> = {
  maximumSeconds: 0,
  idleSeconds: 0,
  reauthenticationSeconds: 0,
  devicesPerUser: 0,
}
