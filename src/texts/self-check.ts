/** What a till's self-check found, and what to do about it. */
import type { ChannelHealth, PrinterHealth } from '../domain/self-check.ts'
import type { Language } from './language.ts'

const CHANNEL_ZH: Readonly<Record<ChannelHealth, string>> = {
  well: '连得上，双方签名都核对无误。',
  reached: '连得上，渠道认可本店的签名；渠道的签名要收过一笔款才能核对。',
  network: '连不上渠道。请检查网络；这期间的退款会自动等候，请勿重复退款。',
  signature: '签名核对不上。请店长核对渠道账户的私钥、证书序列号和渠道公钥。',
  permission: '渠道没有给这个商户开通权限。请店长联系渠道开通。',
  clock: '服务器时间与渠道相差太多。请校准服务器的时间。',
  settings: '渠道账户的设置不完整或不正确。请店长核对。',
}
const CHANNEL_EN: Readonly<Record<ChannelHealth, string>> = {
  well: 'Reached; both signatures were checked and are good.',
  reached: 'Reached, and it takes our signature; its own can be checked after the first payment.',
  network:
    'The channel cannot be reached. Check the network; refunds wait by themselves meanwhile, so do not refund again.',
  signature:
    "The signatures do not fit. Check the account's private key, certificate serial and the channel's public key.",
  permission: 'The channel has not given this merchant the permission. Ask the channel for it.',
  clock: "The server's clock is too far from the channel's. Set the server's clock.",
  settings: 'The settings of this channel account are incomplete or wrong. Check them.',
}
const PRINTER_ZH: Readonly<Record<PrinterHealth, string>> = {
  ready: '打印机正常，有纸。',
  no_printer: '这台收银机没有设置网络打印机。',
  no_paper: '打印机缺纸，请换纸；退款不受影响，换好可以补打。',
  bad_address: '打印机地址写得不对，应类似 tcp://192.168.1.50:9100。请店长核对。',
  unreachable: '连不上打印机。请检查电源、网线和地址；退款不受影响。',
  silent: '连得上打印机，但它不报告有没有纸。请试打一张。',
  busy: '打印机正忙，请稍后再查。',
  not_checked: '数据库不通，没有查打印机。',
}
const PRINTER_EN: Readonly<Record<PrinterHealth, string>> = {
  ready: 'The printer is ready and has paper.',
  no_printer: 'This till has no network printer.',
  no_paper: 'The printer is out of paper. Refunds go on; reprint after a new roll.',
  bad_address: 'The printer address is malformed; it should look like tcp://192.168.1.50:9100.',
  unreachable:
    'The printer cannot be reached. Check its power, cable and address; refunds go on without it.',
  silent: 'The printer is reached but does not say whether it has paper. Print something.',
  busy: 'The printer is busy; check again shortly.',
  not_checked: 'The database is away, so the printer was not checked.',
}

export const channelHealthText = (language: Language, health: ChannelHealth): string =>
  (language === 'zh' ? CHANNEL_ZH : CHANNEL_EN)[health]

export const printerHealthText = (language: Language, health: PrinterHealth): string =>
  (language === 'zh' ? PRINTER_ZH : PRINTER_EN)[health]

/** @param url the base of the links that leave the shop; null: none is set. */
export function publicUrlText(language: Language, url: string | null): string {
  if (language === 'zh') {
    return url === null
      ? '没有设置公开地址（PUBLIC_URL）：小票上不印顾客查询码，退款照常。'
      : `顾客查询页的地址是 ${url}。`
  }
  return url === null
    ? 'No public address is set (PUBLIC_URL): slips carry no code for customers; refunds go on.'
    : `The customers' page is at ${url}.`
}
