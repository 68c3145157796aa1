/** Every resource below `/v1`, and the channels' notifications: one line each. */
import type { Core } from '../commands/core.ts'
import type { Resource } from './api.ts'

export const resources = (_core: Core): readonly Resource[] => []
