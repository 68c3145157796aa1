/** What a till's self-check can find of the parts that stand outside of it. */

/** `reached`: it takes our signature; its own could not be looked at yet, since it signs no refusals. */
export const CHANNEL_HEALTHS = [
  'well',
  'reached',
  'network',
  'signature',
  'permission',
  'clock',
  'settings',
] as const
export type ChannelHealth = (typeof CHANNEL_HEALTHS)[number]

/** `silent`: reached, and it never says whether it has paper; many cheap ones do not. */
export const PRINTER_HEALTHS = [
  'ready',
  'no_printer',
  'no_paper',
  'bad_address',
  'unreachable',
  'silent',
  'busy',
  'not_checked',
] as const
export type PrinterHealth = (typeof PRINTER_HEALTHS)[number]
