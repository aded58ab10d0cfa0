/** Text between the tags of an XML document, or in an attribute; what XML 1.0 cannot hold is left out. */
export function xmlText(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')
}

/**
 * A PowerShell string that nothing in it can leave (about_Quoting_Rules: doubled quotation marks, of which it
 * knows five), in printable ASCII, whatever encoding a script is read with.
 */
export function powerShellString(text: string): string {
  return `'${text.replaceAll(/[^\x20-\x7e]/gu, '?').replaceAll("'", "''")}'`
}

/** A value of strongSwan's configuration files, in quotation marks. */
export function strongswanString(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
