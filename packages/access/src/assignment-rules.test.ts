import { describe, expect, it } from 'vitest'
import {
  ALICE,
  assign,
  BOB,
  customRole,
  GATEWAY,
  GROUP,
  NOW,
  newGuid,
  SUBSCRIPTION,
  TEAM,
} from './access.suite.ts'
import {
  ASSIGNMENT_LIMITS,
  judgeAssignmentRemoval,
  judgePrincipalRemoval,
  judgeRoleAssignment,
  type ProposedAssignment,
} from './assignment-rules.ts'
import { BUILT_IN_ROLES, BUILT_IN_ROLE_IDS as ROLE } from './built-in-roles.ts'

const LATER = '2026-11-23T12:00:00Z'
const READER = `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${ROLE.reader}`
const ID = 'eeeeeeee-0000-4000-8000-00000000000e'

function judge(changes: Partial<ProposedAssignment> = {}, properties: object = {}) {
  return judgeRoleAssignment({
    id: ID,
    scope: GROUP,
    properties: { principalId: ALICE, roleDefinitionId: READER, ...properties },
    definitions: BUILT_IN_ROLES,
    assignments: [],
    principalType: id => ({ [ALICE]: 'ServicePrincipal', [TEAM]: 'Group' })[id] as 'Group' | undefined,
    now: NOW,
    by: BOB,
    ...changes,
  })
}

describe('an assignment', () => {
  it('is made with its stamps and the principal as it is known', () => {
    expect(judge({}, { description: 'for the shop', principalType: 'servicePrincipal' })).toEqual({
      type: 'good',
      outcome: 'created',
      assignment: {
        id: ID,
        principalId: ALICE,
        principalType: 'ServicePrincipal',
        roleDefinitionId: READER,
        scope: GROUP,
        description: 'for the shop',
        createdOn: NOW,
        updatedOn: NOW,
        createdBy: BOB,
        updatedBy: BOB,
      },
    })
  })

  it('of a principal of an external tenant is of the type that is said', () => {
    const principalType = () => 'unknown' as const
    expect(judge({ principalType }, { principalType: 'Group' })).toMatchObject({
      assignment: { principalType: 'Group' },
    })
    expect(judge({ principalType })).toMatchObject({ assignment: { principalType: 'User' } })
  })

  it.each([
    [{ principalId: 'alice' }, 'InvalidPrincipalId', 'properties.principalId'],
    [{ principalId: undefined }, 'InvalidPrincipalId', 'properties.principalId'],
    [{ principalId: BOB }, 'PrincipalNotFound', 'properties.principalId'],
    [{ principalType: 'Robot' }, 'InvalidRequestContent', 'properties.principalType'],
    [{ principalType: 'User' }, 'UnmatchedPrincipalType', 'properties.principalType'],
    [{ roleDefinitionId: undefined }, 'InvalidRequestContent', 'properties.roleDefinitionId'],
    [{ roleDefinitionId: 'Reader' }, 'RoleDefinitionDoesNotExist', 'properties.roleDefinitionId'],
    [{ roleDefinitionId: newGuid() }, 'RoleDefinitionDoesNotExist', 'properties.roleDefinitionId'],
    [{ description: 'x'.repeat(1_025) }, 'InvalidRequestContent', 'properties.description'],
    [{ condition: '@Resource…' }, 'InvalidRequestContent', 'properties.condition'],
  ])('%j is refused: %s', (properties, code, target) => {
    expect(judge({}, properties)).toMatchObject({ type: 'refused', code, target })
  })

  it('needs a GUID, a body and a scope', () => {
    expect(judge({ id: 'mine' })).toMatchObject({ code: 'InvalidRoleAssignmentId' })
    expect(judge({ properties: [] })).toMatchObject({ code: 'InvalidRequestContent', target: 'properties' })
    expect(judge({ scope: `${GROUP}/providers` })).toMatchObject({ code: 'InvalidScope' })
  })

  it('stays within the assignable scopes of its role', () => {
    const role = customRole({ actions: ['*/read'] }, { assignableScopes: [GROUP] })
    const definitions = [role]
    const properties = { principalId: ALICE, roleDefinitionId: role.id }
    expect(judge({ definitions, properties, scope: GATEWAY })).toMatchObject({ type: 'good' })
    for (const scope of ['/', SUBSCRIPTION, `${GROUP}2`])
      expect(judge({ definitions, properties, scope })).toMatchObject({
        code: 'RoleAssignmentScopeNotAssignableToRoleDefinition',
        target: 'scope',
      })
  })

  it('is there once, under one id', () => {
    const same = assign(
      ROLE.reader,
      GROUP.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'),
      ALICE.toUpperCase(),
    )
    expect(judge({ assignments: [same] })).toMatchObject({ code: 'RoleAssignmentExists', status: 409 })
    expect(judge({ assignments: [same], scope: SUBSCRIPTION })).toMatchObject({ type: 'good' })
  })

  it('put again is the same, and nothing but its description changes', () => {
    const present = assign(READER, GROUP, ALICE, { id: ID })
    const again = { assignments: [present], now: LATER, by: ALICE }
    expect(judge(again)).toMatchObject({ outcome: 'present', assignment: { createdOn: NOW, updatedOn: NOW } })
    expect(judge(again, { description: 'new' })).toMatchObject({
      outcome: 'present',
      assignment: { createdOn: NOW, createdBy: '', updatedOn: LATER, updatedBy: ALICE },
    })
    expect(judge({ ...again, scope: SUBSCRIPTION })).toMatchObject({
      code: 'RoleAssignmentUpdateNotPermitted',
    })
    expect(judge(again, { roleDefinitionId: ROLE.owner })).toMatchObject({
      code: 'RoleAssignmentUpdateNotPermitted',
    })
  })

  it('is one of a bounded number', () => {
    const assignments = Array.from({ length: ASSIGNMENT_LIMITS.assignments }, () =>
      assign(ROLE.owner, GROUP, newGuid()),
    )
    expect(judge({ assignments })).toMatchObject({ code: 'RoleAssignmentLimitExceeded' })
  })
})

describe('removal of an assignment', () => {
  const first = assign(ROLE.owner, '/')
  const lesser = [
    assign(ROLE.owner, SUBSCRIPTION, BOB),
    assign(ROLE.contributor, '/', BOB),
    assign(ROLE.owner, '/', TEAM, { principalType: 'Group' }),
  ]

  const everybody = () => true

  it('leaves an Owner at the root', () => {
    const all = [first, ...lesser]
    expect(judgeAssignmentRemoval(first.id, all, everybody)).toMatchObject({
      code: 'LastOwnerRequired',
      status: 409,
    })
    const two = [first, assign(ROLE.owner, '/', BOB)]
    expect(judgeAssignmentRemoval(first.id.toUpperCase(), two, everybody)).toBeUndefined()
    for (const { id } of lesser) expect(judgeAssignmentRemoval(id, all, everybody)).toBeUndefined()
  })

  it('does not count on an Owner who is gone', () => {
    const two = [first, assign(ROLE.owner, '/', BOB)]
    const isLiving = (id: string) => id !== BOB
    expect(judgeAssignmentRemoval(two[0]!.id, two, isLiving)).toMatchObject({ code: 'LastOwnerRequired' })
    expect(judgeAssignmentRemoval(two[1]!.id, two, isLiving)).toBeUndefined()
  })

  it('is of one that is there', () => {
    const gone = judgeAssignmentRemoval(newGuid(), [first], everybody)
    expect(gone).toMatchObject({ code: 'RoleAssignmentNotFound', status: 404 })
  })

  it('of a principal with all that it has leaves an Owner too', () => {
    const again = assign(ROLE.owner, '/', ALICE)
    expect(judgePrincipalRemoval(ALICE.toUpperCase(), [first, again, ...lesser], everybody)).toMatchObject({
      code: 'LastOwnerRequired',
    })
    expect(judgePrincipalRemoval(ALICE, [first, assign(ROLE.owner, '/', BOB)], everybody)).toBeUndefined()
    expect(judgePrincipalRemoval(BOB, [first, ...lesser], everybody)).toBeUndefined()
  })
})
