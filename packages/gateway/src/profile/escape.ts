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

/** One word of a POSIX shell, whatever is in it (XCU §2.2.2); a NUL, which no word can hold, is left out. */
export function shellWord(text: string): string {
  return `'${text.replaceAll('\0', '').replaceAll("'", "'\\''")}'`
}

/** One word of a pppd options file (pppd(8), OPTIONS FILES), whose words end with the line at the latest. */
export function pppdWord(text: string): string {
  return `"${text
    .replaceAll(/\p{Cc}/gu, '')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')}"`
}

/** A value of a key file (Desktop Entry Specification, as GKeyFile reads it); it is one line. */
export function keyFileValue(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(/\p{Cc}/gu, '')
    .replace(/^ /, '\\s')
}
