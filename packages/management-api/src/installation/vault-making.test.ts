import type { AppliedTemplate } from '@causeway/api-contract'
import { expect, it } from 'vitest'
import { TENANT } from '../management-api.suite.ts'
import { vaultMaker } from './vault-making.ts'

const applied: AppliedTemplate = {
  deployment: 'd',
  group: 'causeway',
  state: 'Succeeded',
  resources: [],
  outputs: {},
}

/** What makes a vault, with what is deployed then. */
function maker(outcome: AppliedTemplate) {
  const deployed: unknown[] = []
  const deploy = async ({ document }: { readonly document: unknown }) => {
    deployed.push(document)
    return outcome
  }
  return { deployed, make: vaultMaker({ deploy, tenantId: TENANT, location: 'local' }) }
}

it('makes a vault whose rights are roles', async () => {
  const { deployed, make } = maker(applied)
  await make('contoso')
  expect(deployed).toMatchObject([
    { resources: [{ name: 'contoso', properties: { tenantId: TENANT, enableRbacAuthorization: true } }] },
  ])
})

it('says why there is none', async () => {
  const error = { code: 'VaultAlreadyExists', message: 'it is taken' } as const
  const resource = { id: '/v', type: 'Microsoft.KeyVault/vaults', state: 'Failed', error }
  const { make } = maker({ ...applied, state: 'Failed', resources: [resource] })
  await expect(make('contoso')).rejects.toMatchObject({
    code: 'VaultAlreadyExists',
    message: 'the vault contoso could not be made: it is taken',
  })
})
