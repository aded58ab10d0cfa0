import { describe, expect, it } from 'vitest'
import { assign, customRole, GROUP, newGuid, SUBSCRIPTION } from './access.suite.ts'
import { BUILT_IN_ROLES, BUILT_IN_ROLE_IDS as ROLE } from './built-in-roles.ts'
import { DEFINITION_LIMITS, judgeDefinitionRemoval, judgeRoleDefinition } from './definition-rules.ts'

const PERMISSION = { actions: ['Microsoft.Network/*/read'] }
const PROPERTIES = {
  roleName: 'Gateway watcher',
  description: 'Sees gateways',
  type: 'CustomRole',
  permissions: [PERMISSION],
  assignableScopes: [SUBSCRIPTION],
}

function judge(changes: object, definitions = BUILT_IN_ROLES, id = 'ABCDEFAB-0000-4000-8000-000000000001') {
  return judgeRoleDefinition({ id, properties: { ...PROPERTIES, ...changes }, definitions })
}

describe('a custom role', () => {
  it('is made whole, with its lists filled in', () => {
    expect(judge({})).toEqual({
      type: 'good',
      definition: {
        ...PROPERTIES,
        id: 'abcdefab-0000-4000-8000-000000000001',
        permissions: [
          { actions: ['Microsoft.Network/*/read'], notActions: [], dataActions: [], notDataActions: [] },
        ],
      },
    })
  })

  it('may be changed, keeping its own name', () => {
    const present = customRole(PERMISSION, { roleName: 'gateway WATCHER' })
    expect(judge({}, [present], present.id)).toMatchObject({ type: 'good', definition: { id: present.id } })
  })

  it.each([
    [{ roleName: ' ' }, 'InvalidRoleDefinitionName', 'properties.roleName'],
    [{ roleName: 'x'.repeat(513) }, 'InvalidRoleDefinitionName', 'properties.roleName'],
    [{ roleName: 'OWNER' }, 'RoleDefinitionWithSameNameExists', 'properties.roleName'],
    [{ description: 7 }, 'InvalidRequestContent', 'properties.description'],
    [{ description: 'x'.repeat(2_049) }, 'InvalidRequestContent', 'properties.description'],
    [{ type: 'BuiltInRole' }, 'InvalidRequestContent', 'properties.type'],
    [{ assignableScopes: [] }, 'InvalidRequestContent', 'properties.assignableScopes'],
    [{ assignableScopes: undefined }, 'InvalidRequestContent', 'properties.assignableScopes'],
    [{ assignableScopes: ['/'] }, 'InvalidAssignableScope', 'properties.assignableScopes[0]'],
    [{ assignableScopes: [GROUP, 'rg'] }, 'InvalidAssignableScope', 'properties.assignableScopes[1]'],
    [{ permissions: [] }, 'InvalidRequestContent', 'properties.permissions'],
    [{ permissions: {} }, 'InvalidRequestContent', 'properties.permissions'],
    [{ permissions: ['*'] }, 'InvalidRequestContent', 'properties.permissions[0]'],
    [{ permissions: [{ notActions: ['*'] }] }, 'InvalidRequestContent', 'properties.permissions'],
    [{ permissions: [{ actions: '*' }] }, 'InvalidRequestContent', 'properties.permissions[0].actions'],
    [
      { permissions: [{ ...PERMISSION, condition: 'x' }] },
      'InvalidRequestContent',
      'properties.permissions[0].condition',
    ],
    [
      { permissions: [{ actions: ['*', 'read all'] }] },
      'InvalidActionOrNotAction',
      'properties.permissions[0].actions[1]',
    ],
    [
      { permissions: [{ ...PERMISSION, notDataActions: ['(a+)+/b'] }] },
      'InvalidActionOrNotAction',
      'properties.permissions[0].notDataActions[0]',
    ],
  ])('%j is refused: %s', (changes, code, target) => {
    expect(judge(changes)).toMatchObject({ type: 'refused', code, target })
  })

  it('needs a GUID, and not that of a built-in role', () => {
    expect(judge({}, BUILT_IN_ROLES, 'watcher')).toMatchObject({
      code: 'InvalidRoleDefinitionId',
      status: 400,
    })
    expect(judge({}, BUILT_IN_ROLES, ROLE.reader.toUpperCase())).toMatchObject({
      code: 'BuiltInRoleNotChangeable',
    })
    expect(judgeRoleDefinition({ id: newGuid(), properties: null, definitions: [] })).toMatchObject({
      code: 'InvalidRequestContent',
      target: 'properties',
    })
  })

  it('is one of a bounded number', () => {
    const many = Array.from({ length: DEFINITION_LIMITS.customRoles }, () => customRole(PERMISSION))
    expect(judge({}, many)).toMatchObject({ code: 'RoleDefinitionLimitExceeded' })
    expect(judge({}, many, many[0]!.id)).toMatchObject({ type: 'good' })
  })

  it('does not repeat control characters or endless text', () => {
    const refusal = judge({ permissions: [{ actions: [`x\n${'y'.repeat(5_000)}`] }] })
    if (refusal.type !== 'refused') throw new Error('was taken')
    expect(refusal.message).not.toMatch(/\n/)
    expect(refusal.message.length).toBeLessThan(500)
  })
})

describe('removal of a role', () => {
  const role = customRole(PERMISSION)
  const definitions = [...BUILT_IN_ROLES, role]

  it('is refused while somebody has it, and for built-in ones', () => {
    const id = `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${role.id}`
    expect(judgeDefinitionRemoval(role.id, definitions, [assign(id, GROUP)])).toMatchObject({
      code: 'RoleDefinitionHasAssignments',
      status: 409,
    })
    expect(judgeDefinitionRemoval(role.id.toUpperCase(), definitions, [])).toBeUndefined()
    expect(judgeDefinitionRemoval(ROLE.owner, definitions, [])).toMatchObject({
      code: 'BuiltInRoleNotChangeable',
    })
    expect(judgeDefinitionRemoval(newGuid(), definitions, [])).toMatchObject({
      code: 'RoleDefinitionDoesNotExist',
    })
  })
})
