import { type GroupMemberType, quote, RADIUS_GROUP_PREFIX } from '@causeway/api-contract'
import { isDnsName } from './settings.ts'

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** Octets in hexadecimal: as many as a vendor-specific attribute holds (RFC 2865 §5.26). */
const OCTETS = /^([0-9a-f]{2}){1,247}$/i

/** A value in the one spelling by which members are compared, or what is wrong with it. */
export type NormalValue =
  | { readonly type: 'good'; readonly value: string }
  | { readonly type: 'bad'; readonly problem: string; readonly remedy: string }

/** Reads the `attributeValue` of a group's member. */
export function normalMemberValue(type: GroupMemberType, text: string): NormalValue {
  const value = text.toLowerCase()
  const bad = (problem: string, remedy: string): NormalValue => ({ type: 'bad', problem, remedy })
  switch (type) {
    case 'AADGroupId':
      if (GUID.test(value)) break
      return bad(`${quote(text)} is not an object id`, 'give the GUID that Entra shows for the group')
    case 'CertificateGroupId':
      if (isDnsName(value)) break
      return bad(
        `${quote(text)} is not a domain`,
        'give what stands after the @ or before the \\ in the common names of its users, as example.com',
      )
    case 'RadiusAzureGroupId':
      if (!OCTETS.test(value))
        return bad(`${quote(text)} is not octets in hexadecimal`, `give some, as ${RADIUS_GROUP_PREFIX}08`)
      if (value.startsWith(RADIUS_GROUP_PREFIX)) break
      return bad(
        `${quote(text)} does not begin with ${RADIUS_GROUP_PREFIX}`,
        `put that before it, as ${RADIUS_GROUP_PREFIX}08, here and in the server's MS-Azure-Policy-ID`,
      )
    default:
      return type satisfies never
  }
  return { type: 'good', value }
}
