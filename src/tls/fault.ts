/** What a person can put right about certificates and keys, in one line that never shows a key. */
export class TlsFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TlsFault'
  }
}
