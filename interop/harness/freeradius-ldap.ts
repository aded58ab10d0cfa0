import { quote } from './freeradius-users.ts'
import { BASE, GROUPS_BASE, groupName, PEOPLE_BASE, READER } from './slapd-config.ts'

/** A directory in which users are looked up, in place of the file. */
export interface LdapRealm {
  readonly url: string
  /** MS-Azure-Policy-ID, as `0x…`, of the members of each group. */
  readonly policyIds: Readonly<Record<string, string>>
}

/**
 * The module `ldap`: finds a user by account, however the realm was written, and gives NT hash and principal name.
 * Passwords in the clear are tried at the directory itself.
 */
export function formatLdapModule({ url }: LdapRealm): string {
  return `ldap {
    server = ${quote(url)}
    identity = ${quote(READER.name)}
    password = ${quote(READER.password)}
    base_dn = ${quote(BASE)}
    user {
      base_dn = ${quote(PEOPLE_BASE)}
      filter = "(sAMAccountName=%{%{Stripped-User-Name}:-%{User-Name}})"
    }
    group {
      base_dn = ${quote(GROUPS_BASE)}
      filter = "(objectClass=groupOfNames)"
      name_attribute = cn
      membership_attribute = memberOf
    }
    update {
      control:NT-Password := 'sambaNTPassword'
      control:Tmp-String-3 := 'userPrincipalName'
    }
    options {
      res_timeout = 5
      srv_timelimit = 5
      net_timeout = 2
    }
    pool {
      start = 1
      min = 1
      max = 4
      spare = 1
    }
  }`
}

/** In `authorize`, when the realm is known. */
export const LDAP_AUTHORIZE = `ldap
    if (&User-Password && &control:LDAP-UserDN) {
      update control {
        Auth-Type := LDAP
      }
    }`

export const LDAP_AUTHENTICATE = `Auth-Type LDAP {
      ldap
    }`

/** In `post-auth`: who it is, and the groups. */
export function formatLdapReply({ policyIds }: LdapRealm): string {
  const groups = Object.entries(policyIds).map(
    ([group, value]) => `if (&LDAP-Group[*] == ${quote(groupName(group))}) {
      update reply {
        MS-Azure-Policy-ID += ${value}
      }
    }`,
  )
  return [`update reply {\n      User-Name := "%{control:Tmp-String-3}"\n    }`, ...groups].join('\n    ')
}
