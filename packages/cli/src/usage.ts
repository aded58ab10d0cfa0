/** `causeway --help`. */
export const USAGE = `causeway: a VPN gateway for this machine

  causeway up [options]                run the gateway until SIGTERM or Ctrl-C
      --listen ADDRESS[:PORT]            listen there only (default: UDP and TCP 443 on all addresses)
      --inside CIDR[,CIDR]               networks behind the gateway (default: the private ones it is in)
      --pool CIDR[,CIDR]                 addresses for clients, at most one prefix of each family
      --host NAME[,NAME]                 names or addresses that clients connect to
      --config FILE                      ARM resource (virtualNetworkGateways) to run with, JSON or YAML
      --settings FILE                    settings to run with, JSON or YAML
      --gateway none                     begin without a gateway: one is made through the management API
      --api-port PORT|off                of the management API (default 8443), or run without it
      --api-host ADDRESS                 where it listens (default: as --listen, else on all addresses)
      --vault-domain NAME                vaults are https://VAULT.NAME (default vault.causeway.internal)
      --identity-port PORT|off           give programs of this machine tokens of the gateway's identities, on
                                         127.0.0.1 (default off)
      --log-level LEVEL                  fatal, error, warn, info (default), debug, trace or silent
    What is given is kept in the data directory for later starts.

  causeway client add NAME [options]   issue a certificate and write the client's profiles
      --out DIR                          where (default: clients/NAME in the data directory)
      --key TYPE                         rsa-2048 (default), rsa-3072, rsa-4096, ecdsa-p256 or ecdsa-p384
      --days N                           valid so long (default 365)
  causeway client revoke NAME          shut a client out; its sessions end at once
  causeway client list                 all clients and their certificates

The gateway's own certificate, which clients of point-to-site see:
  causeway certificate set --chain FILE --key FILE
                                       show this certificate, as of a public authority, instead of the
                                       gateway's own; PEM, the gateway's first, each one's issuer after it
  causeway certificate show            the certificate that clients see
  causeway certificate reset           show the gateway's own again

Certificates of connections to sites, in key vaults:
  causeway cert import VAULT NAME FILE [options]
                                       put a certificate with its key (.pfx or PEM) into a vault, or a new
                                       version of it
      --password-file FILE               its first line opens FILE (else it is asked for at a terminal)
      --create-vault                     make the vault if there is none of this name
  causeway cert issue VAULT NAME [options]
                                       issue one by this installation's authority, into a vault
      --subject CN                       its common name (default NAME)
      --san NAME[,NAME]                  names and addresses (default: the common name)
      --key TYPE, --days N               as of client add
      --create-vault                     as of cert import
  causeway cert issue NAME --out DIR [options]
                                       issue one for the device at the other side, as .pfx and PEM;
                                       --password-file FILE: the .pfx's password (else one is made up)
  causeway cert list [VAULT]           certificates in vaults, and the connections that use them
  causeway cert show VAULT NAME[/VERSION]
                                       whether a connection takes it, and what its peer has to trust
  causeway cert check --subject CN --chain FILE [--chain FILE] [--peer FILE]
                                       whether a connection would take this inbound chain, and the
                                       device's certificate in --peer

  causeway apply FILE [options]        take over a gateway, settings, another ARM resource or a template:
                                       JSON or YAML, resources also several to a file (---)
      --parameters FILE                  values of the template's parameters
      --group NAME                       resource group of templates and resources (default causeway)

  causeway principal add NAME --role ROLE [options]
                                       let a program sign in to the management API; prints its secret once
      --role ROLE                        what it may do: Reader, "Network Contributor", …, or none
      --scope SCOPE                      where: /, /subscriptions/ID or below (default: the subscription)
      --days N                           its secret lasts so long (default 730)
  causeway principal list              who can sign in to the management API, and their roles
  causeway principal secret NAME       make one more secret; takes --days too
  causeway principal remove NAME       shut a program out, and take its roles away

  causeway status                      the running gateway
  causeway sessions                    who is connected
  causeway disconnect ID               end a session
  causeway connections                 connections to sites, and how they stand
  causeway connection show NAME        one of them, with its IKE SAs and Child SAs
  causeway connection reset NAME       end its tunnels, and begin anew
  causeway history [options]           who changed what of the resources, newest first; with --json before
                                       and after too
      --scope ID                         of this resource and what is below it
      --limit N                          so many entries (default 100)
  causeway doctor                      look whether this machine can run a gateway
  causeway doctor CONNECTION           look at everything that a connection hangs by, and name the first
                                       broken link
  causeway connect FILE                connect to a gateway as a client, with an OpenVPN profile, until
                                       SIGTERM or Ctrl-C; takes --log-level too

Options of every command:
  --data DIR   the data directory (default ./.causeway)
  --json       print JSON
  --help       print this
  --version    print the version

Exit codes: 0 done, 1 failed, 2 wrong usage or a configuration that was refused.`
