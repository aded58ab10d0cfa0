import type { Static } from 'typebox'
import { dateTime, list, model, named, readOnly, text } from './shape.ts'

export const PRINCIPAL_TYPES = ['User', 'Group', 'ServicePrincipal', 'ForeignGroup', 'Device'] as const

const audited = {
  createdOn: readOnly(dateTime),
  updatedOn: readOnly(dateTime),
  createdBy: readOnly(text),
  updatedBy: readOnly(text),
} as const

const permission = model(
  'Permission',
  {},
  {
    actions: list(text),
    notActions: list(text),
    dataActions: list(text),
    notDataActions: list(text),
  },
)

/** Schema of `Microsoft.Authorization/roleDefinitions`. */
export const roleDefinitionSchema = model(
  'RoleDefinition',
  {
    properties: model(
      'RoleDefinitionProperties',
      {},
      {
        roleName: text,
        description: text,
        /** `BuiltInRole` or `CustomRole`; ARM calls it `type` on the wire. */
        type: named(['BuiltInRole', 'CustomRole']),
        permissions: list(permission),
        assignableScopes: list(text),
        ...audited,
      },
    ),
  },
  { id: readOnly(text), name: readOnly(text), type: readOnly(text) },
)

/** Schema of `Microsoft.Authorization/roleAssignments`. */
export const roleAssignmentSchema = model(
  'RoleAssignment',
  {
    properties: model(
      'RoleAssignmentProperties',
      { roleDefinitionId: text, principalId: text },
      {
        scope: readOnly(text),
        principalType: named(PRINCIPAL_TYPES),
        description: text,
        condition: text,
        conditionVersion: text,
        delegatedManagedIdentityResourceId: text,
        ...audited,
      },
    ),
  },
  { id: readOnly(text), name: readOnly(text), type: readOnly(text) },
)

/** `RoleDefinition` of ARM. */
export type RoleDefinitionResource = Static<typeof roleDefinitionSchema>
/** `RoleAssignment` of ARM. */
export type RoleAssignmentResource = Static<typeof roleAssignmentSchema>
