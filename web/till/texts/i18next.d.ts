import type { zh } from './zh.ts'

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof zh }
    returnNull: false
  }
}
