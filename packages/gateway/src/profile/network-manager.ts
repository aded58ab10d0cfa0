import type { PackageFile, PackageParts } from './package-parts.ts'

/** Where NetworkManager's profiles look for their certificates: the package's own folder belongs there. */
export const networkManagerFolder = '/etc/NetworkManager/causeway'

/** The PEM files of that folder, the same for every plug-in. */
export function networkManagerCredentials({
  authority,
  certificate,
  privateKey,
  clientName,
}: PackageParts): PackageFile[] {
  return [
    { path: 'NetworkManager/causeway/ca.pem', content: authority },
    { path: `NetworkManager/causeway/${clientName}.pem`, content: certificate },
    { path: `NetworkManager/causeway/${clientName}-key.pem`, content: privateKey },
  ]
}
