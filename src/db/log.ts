/** What this folder needs of a logger: fields first, then the event's name, as pino takes them. */
export type Log = {
  info(fields: object, event: string): void
  warn(fields: object, event: string): void
}
