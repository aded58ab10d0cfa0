import { createHash, randomBytes } from 'node:crypto'

/** Someone in a directory as Active Directory has them. */
export interface DirectoryUser {
  /** sAMAccountName. */
  readonly account: string
  readonly password: string
  /** Groups by their common names. */
  readonly groups?: readonly string[]
}

export interface DirectoryConfiguration {
  readonly users: readonly DirectoryUser[]
  /** The NT hash of a password: hexadecimal digits. */
  readonly ntHash: (password: string) => string
}

/** What users' names end in. */
export const DNS_DOMAIN = 'corp.example'
export const BASE = 'dc=corp,dc=example'
export const PEOPLE_BASE: string = `ou=people,${BASE}`
export const GROUPS_BASE: string = `ou=groups,${BASE}`

/** A program that looks users up: it reads NT hashes, and no password. */
export const READER = { name: `cn=radius,${BASE}`, password: 'looks things up' } as const
export const ROOT = { name: `cn=root,${BASE}`, password: randomBytes(12).toString('hex') } as const

export function groupName(group: string): string {
  return `cn=${group},${GROUPS_BASE}`
}

/**
 * `slapd.conf`. Names and numbers of attributes are Active Directory's; it keeps the NT hash where nobody reads it, so
 * that is Samba's.
 */
export function formatSlapd(directory: string): string {
  return `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch
  SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.656 NAME 'userPrincipalName' EQUALITY caseIgnoreMatch
  SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.7165.2.1.25 NAME 'sambaNTPassword' EQUALITY caseIgnoreIA5Match
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.26{32} SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.9 NAME 'securityUser' SUP top AUXILIARY
  MUST sAMAccountName MAY ( userPrincipalName $ sambaNTPassword ) )
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile ${directory}/pid
argsfile ${directory}/args
database mdb
suffix "${BASE}"
rootdn "${ROOT.name}"
rootpw ${ROOT.password}
directory ${directory}/data
index objectClass,sAMAccountName eq
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to attrs=sambaNTPassword by dn.exact="${READER.name}" read by * none
access to * by dn.exact="${READER.name}" read by * none
`
}

/** What is in it, for `ldapadd`. */
export function formatEntries({ users, ntHash }: DirectoryConfiguration): string {
  const groups = [...new Set(users.flatMap(user => user.groups ?? []))]
  const entries = [
    entry(BASE, { objectClass: ['dcObject', 'organization'], o: ['Corp'], dc: ['corp'] }),
    entry(READER.name, {
      objectClass: ['organizationalRole', 'simpleSecurityObject'],
      userPassword: [hashed(READER.password)],
    }),
    entry(PEOPLE_BASE, { objectClass: ['organizationalUnit'] }),
    entry(GROUPS_BASE, { objectClass: ['organizationalUnit'] }),
    ...users.map(user => formatUser(user, ntHash)),
    ...groups.map(group => formatGroup(group, users)),
  ]
  return entries.join('\n')
}

function formatUser({ account, password }: DirectoryUser, ntHash: DirectoryConfiguration['ntHash']): string {
  return entry(userName(account), {
    objectClass: ['inetOrgPerson', 'securityUser'],
    sn: [account],
    sAMAccountName: [account],
    userPrincipalName: [`${account}@${DNS_DOMAIN}`],
    userPassword: [hashed(password)],
    sambaNTPassword: [ntHash(password)],
  })
}

function formatGroup(group: string, users: readonly DirectoryUser[]): string {
  const members = users.filter(({ groups = [] }) => groups.includes(group))
  return entry(groupName(group), {
    objectClass: ['groupOfNames'],
    member: members.map(({ account }) => userName(account)),
  })
}

function userName(account: string): string {
  return `cn=${account},${PEOPLE_BASE}`
}

function entry(name: string, attributes: Readonly<Record<string, readonly string[]>>): string {
  const lines = Object.entries(attributes).flatMap(([type, values]) =>
    values.map(value => `${type}: ${value}`),
  )
  return `dn: ${name}\n${lines.join('\n')}\n`
}

/** `{SSHA}`, as `slappasswd` writes it. */
function hashed(password: string): string {
  const salt = randomBytes(8)
  const digest = createHash('sha1').update(password).update(salt).digest()
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`
}
