/** A kind of device that a configuration is written for. */
export interface Device {
  readonly vendor: string
  readonly family: string
  readonly firmware: string
  readonly format: 'swanctl' | 'ipsec-conf' | 'text'
}

/** Devices in the order in which they are listed. */
export const DEVICES: readonly Device[] = [
  { vendor: 'strongSwan', family: 'swanctl', firmware: '5.9 or later', format: 'swanctl' },
  { vendor: 'Libreswan', family: 'ipsec.conf', firmware: '4.0 or later', format: 'ipsec-conf' },
  { vendor: 'Generic', family: 'Any', firmware: 'Any', format: 'text' },
]

/** The list as ARM answers it: XML in a text. */
export function deviceListXml(): string {
  const vendors = DEVICES.map(
    ({ vendor, family, firmware }) =>
      `  <Vendor name="${vendor}">\n    <DeviceFamily name="${family}">\n      <FirmwareVersion name="${firmware}" />\n    </DeviceFamily>\n  </Vendor>\n`,
  )
  return `<?xml version="1.0" encoding="utf-8"?>\n<RpVpnDevices version="1.0">\n${vendors.join('')}</RpVpnDevices>\n`
}

/** A device by its names, in any case. `undefined`: it is not in the list. */
export function deviceNamed(
  vendor: string | undefined,
  family: string | undefined,
  firmware: string | undefined,
): Device | undefined {
  const isSame = (one: string, other: string | undefined): boolean =>
    other === undefined || one.toLowerCase() === other.toLowerCase()
  return DEVICES.find(
    device =>
      vendor !== undefined &&
      isSame(device.vendor, vendor) &&
      isSame(device.family, family) &&
      isSame(device.firmware, firmware),
  )
}
