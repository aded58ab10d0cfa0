import { describe, expect, it } from 'vitest'
import { ALICE, assign, BOB, customRole, GATEWAY, GROUP, SUBSCRIPTION, TEAM, VAULT } from './access.suite.ts'
import { authorizationFailedMessage } from './authorization-failed.ts'
import { BUILT_IN_ROLES, BUILT_IN_ROLE_IDS as ROLE } from './built-in-roles.ts'
import { type AccessQuestion, createAccessIndex, decide } from './decision.ts'
import type { RoleAssignment } from './role-assignment.ts'

const WRITE = 'Microsoft.Network/virtualNetworkGateways/write'

function may(assignments: readonly RoleAssignment[], question: Partial<AccessQuestion> = {}): boolean {
  const asked: AccessQuestion = {
    principalIds: [ALICE],
    scope: GATEWAY,
    action: WRITE,
    kind: 'action',
    ...question,
  }
  return decide({ definitions: BUILT_IN_ROLES, assignments, ...asked }).type === 'allow'
}

describe('a decision', () => {
  it('is no unless a role says yes', () => {
    expect(decide({ definitions: BUILT_IN_ROLES, assignments: [], ...question() })).toEqual({
      type: 'deny',
      reason: 'no role at this scope or above',
    })
    const reader = [assign(ROLE.reader, GROUP)]
    expect(decide({ definitions: BUILT_IN_ROLES, assignments: reader, ...question() })).toEqual({
      type: 'deny',
      reason: 'none of 1 roles here has this action',
    })
  })

  it('names the assignment that allows', () => {
    const owner = assign(ROLE.owner, GROUP)
    expect(decide({ definitions: BUILT_IN_ROLES, assignments: [owner], ...question() })).toEqual({
      type: 'allow',
      by: {
        assignmentId: owner.id,
        principalId: ALICE,
        roleDefinitionId: ROLE.owner,
        roleName: 'Owner',
        scope: GROUP,
      },
    })
  })

  it('inherits downwards by whole segments, whatever the case', () => {
    for (const scope of [
      '/',
      SUBSCRIPTION,
      SUBSCRIPTION.toUpperCase().replace('SUBSCRIPTIONS', 'subscriptions'),
      GROUP,
      GATEWAY,
    ])
      expect(may([assign(ROLE.owner, scope)])).toBe(true)
    const owner = [assign(ROLE.owner, GROUP)]
    expect(may(owner, { scope: GATEWAY.toLowerCase() })).toBe(true)
    expect(may(owner, { scope: GATEWAY.replace('/rg/', '/rg2/') })).toBe(false)
    expect(may(owner, { scope: SUBSCRIPTION })).toBe(false)
    expect(may([assign(ROLE.owner, `${GATEWAY}/natRules/one`)])).toBe(false)
  })

  it('looks at every principal that the caller is', () => {
    const team = [assign(ROLE.owner, GROUP, TEAM)]
    expect(may(team)).toBe(false)
    expect(may(team, { principalIds: [ALICE, TEAM.toUpperCase()] })).toBe(true)
    expect(may(team, { principalIds: [] })).toBe(false)
    expect(may([assign(ROLE.owner, GROUP, BOB)])).toBe(false)
  })

  it('reads a role named by GUID or by an ARM id of any scope', () => {
    for (const prefix of ['', '/', SUBSCRIPTION]) {
      const id =
        prefix === ''
          ? ROLE.owner
          : `${prefix}/providers/Microsoft.Authorization/roleDefinitions/${ROLE.owner}`
      expect(may([assign(id.replace('//', '/').toUpperCase(), GROUP)])).toBe(true)
    }
    expect(may([assign(`/providers/Microsoft.Elsewhere/roleDefinitions/${ROLE.owner}`, GROUP)])).toBe(false)
  })

  it('takes notActions from the same role alone', () => {
    const role = customRole({ actions: ['Microsoft.Network/*'], notActions: [WRITE.toUpperCase()] })
    const definitions = [...BUILT_IN_ROLES, role]
    const held = [assign(role.id, GROUP)]
    expect(decide({ definitions, assignments: held, ...question() })).toMatchObject({ type: 'deny' })
    expect(
      decide({
        definitions,
        assignments: held,
        ...question(),
        action: 'Microsoft.Network/virtualNetworkGateways/read',
      }),
    ).toMatchObject({ type: 'allow' })
    const both = [...held, assign(ROLE.networkContributor, SUBSCRIPTION)]
    expect(decide({ definitions, assignments: both, ...question() })).toMatchObject({ type: 'allow' })
  })

  it('keeps actions and data actions apart', () => {
    const owner = [assign(ROLE.owner, '/')]
    const secret = { scope: VAULT, action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action' } as const
    expect(may(owner, { ...secret, kind: 'dataAction' })).toBe(false)
    expect(may(owner, { ...secret, kind: 'action' })).toBe(true)
    expect(may([assign(ROLE.keyVaultSecretsUser, VAULT)], { ...secret, kind: 'action' })).toBe(false)
    const role = customRole({ dataActions: ['*'], notDataActions: ['*/getSecret/action'] })
    const rules = { definitions: [role], assignments: [assign(role.id, VAULT)], ...question(), ...secret }
    expect(decide({ ...rules, kind: 'dataAction' })).toMatchObject({ type: 'deny' })
  })

  it('is no for what is no action or no scope', () => {
    const owner = [assign(ROLE.owner, '/')]
    expect(may(owner, { action: '*' })).toBe(false)
    expect(may(owner, { action: 'Microsoft.Network/*' })).toBe(false)
    expect(may(owner, { action: '' })).toBe(false)
    expect(may(owner, { scope: '' })).toBe(false)
    expect(may(owner, { scope: `${GROUP}/../other` })).toBe(false)
  })

  it('passes over assignments of roles that are gone, and at what is no scope', () => {
    expect(may([assign('dddddddd-0000-4000-8000-000000000004', '/')])).toBe(false)
    expect(may([assign(ROLE.owner, 'everywhere')])).toBe(false)
  })

  it('follows the next index after a change', () => {
    const owner = assign(ROLE.owner, GROUP)
    const assignments = [owner]
    const before = createAccessIndex({ definitions: BUILT_IN_ROLES, assignments })
    expect(before.decide(question()).type).toBe('allow')
    assignments.pop()
    expect(createAccessIndex({ definitions: BUILT_IN_ROLES, assignments }).decide(question()).type).toBe(
      'deny',
    )
  })

  it('lists the roles that are held at a scope, each once', () => {
    const assignments = [assign(ROLE.reader, '/'), assign(ROLE.reader, GROUP), assign(ROLE.owner, GATEWAY)]
    const index = createAccessIndex({ definitions: BUILT_IN_ROLES, assignments })
    expect(index.rolesAt([ALICE], GROUP).map(({ roleName }) => roleName)).toEqual(['Reader'])
    expect(index.rolesAt([ALICE], GATEWAY).map(({ roleName }) => roleName)).toEqual(['Owner', 'Reader'])
    expect(index.rolesAt([BOB], GATEWAY)).toEqual([])
    expect(index.rolesAt([ALICE], 'nowhere')).toEqual([])
  })

  it('makes more than 10,000 a second among 1,000 assignments', () => {
    const people = Array.from(
      { length: 250 },
      (_, i) => `aaaaaaaa-0000-4000-8000-${String(i).padStart(12, '0')}`,
    )
    const assignments = people.flatMap((id, i) => [
      assign(ROLE.reader, SUBSCRIPTION, id),
      assign(ROLE.networkContributor, `${GROUP}${i}`, id),
      assign(ROLE.keyVaultReader, VAULT, id),
      assign(ROLE.managedIdentityOperator, GROUP, id),
    ])
    const index = createAccessIndex({ definitions: BUILT_IN_ROLES, assignments })
    const started = performance.now()
    let denied = 0
    for (let i = 0; i < 10_000; i++) {
      const principalIds = [people[i % people.length] ?? '']
      if (index.decide({ ...question(), principalIds }).type === 'deny') denied++
    }
    expect(denied).toBe(10_000)
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

describe("ARM's 403", () => {
  it('is told word for word', () => {
    expect(authorizationFailedMessage({ name: 'app1', objectId: ALICE }, WRITE, GATEWAY)).toBe(
      `The client 'app1' with object id '${ALICE}' does not have authorization to perform action '${WRITE}' over scope '${GATEWAY}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    )
  })
})

function question(): AccessQuestion {
  return { principalIds: [ALICE], scope: GATEWAY, action: WRITE, kind: 'action' }
}
