import type { Static } from 'typebox'
import { systemData, trackedResource } from './common.ts'
import { model, named, readOnly, text } from './shape.ts'

/** Schema of `Microsoft.ManagedIdentity/userAssignedIdentities`: nothing of its properties is asked for. */
export const userAssignedIdentitySchema = model(
  'Identity',
  {},
  {
    ...trackedResource,
    id: readOnly(text),
    systemData,
    properties: model(
      'UserAssignedIdentityProperties',
      {},
      {
        tenantId: readOnly(text),
        principalId: readOnly(text),
        clientId: readOnly(text),
        isolationScope: named(['None', 'Regional']),
      },
    ),
  },
)

/** `Identity` of `@azure/arm-msi`. */
export type UserAssignedIdentity = Static<typeof userAssignedIdentitySchema>
