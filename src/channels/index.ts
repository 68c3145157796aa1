/** The registry: one line a channel. */
import type { Channel } from './channel.ts'
import { wechatpay } from './wechatpay/wechatpay.ts'

const CHANNELS: readonly Channel[] = [wechatpay]

export type Channels = (id: string) => Channel

export const CHANNEL_IDS: readonly string[] = CHANNELS.map(({ id }) => id)

/** Throws for an id that no channel has: such an id is in the database only by a fault of ours. */
export function registry(channels: readonly Channel[] = CHANNELS): Channels {
  const byId = new Map(channels.map((channel) => [channel.id, channel]))
  return (id) => {
    const channel = byId.get(id)
    if (!channel) throw new Error(`there is no channel ${id}`)
    return channel
  }
}
