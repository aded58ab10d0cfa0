import Type, { type Static } from 'typebox'

const strict = { additionalProperties: false } as const
const GUID = '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$'

const externalTenant = Type.Object(
  {
    tenantId: Type.String({ pattern: GUID }),
    authority: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    issuers: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { minItems: 1, maxItems: 4 }),
    ),
    audiences: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 256, pattern: '^https://' }), { maxItems: 2 }),
    ),
    httpsAuthority: Type.Optional(Type.String({ minLength: 1, maxLength: 65_536 })),
  },
  strict,
)

/** Schema of the settings' `management`. */
export const managementSettingsSchema = Type.Object({ externalTenant: Type.Optional(externalTenant) }, strict)

/**
 * Settings of the management API; they hold from the next start. `externalTenant`: tokens of this Entra tenant count
 * beside the installation's own. `authority`: where its keys are fetched, by default
 * `https://login.microsoftonline.com/TENANT`; `issuers`: by default those of Entra's v1 and v2 tokens; `audiences`: taken
 * beside the API's own URLs; `httpsAuthority`: PEM, to which the certificate of `authority` must lead, where that is no
 * public one.
 */
export type ManagementSettings = Static<typeof managementSettingsSchema>
export type ExternalTenantSettings = Static<typeof externalTenant>
