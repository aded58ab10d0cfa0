export { dataActions, type VaultOperation } from './data-actions.ts'
