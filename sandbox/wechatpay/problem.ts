// Refusals in WeChat Pay's shape. Thrown inside an operation, so they end it before any money moved.

export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly detail: Readonly<Record<string, unknown>> | undefined

  constructor(
    status: number,
    code: string,
    message: string,
    detail?: Readonly<Record<string, unknown>>,
  ) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.code = code
    this.detail = detail
  }

  body(): string {
    const { code, message, detail } = this
    return JSON.stringify(detail === undefined ? { code, message } : { code, message, detail })
  }
}

/** A field that breaks its rule, named by its JSON pointer. */
export const badField = (
  field: string,
  value: unknown,
  issue: string,
  location: 'body' | 'query' | 'uri' = 'body',
): Refusal =>
  new Refusal(400, 'PARAM_ERROR', `参数错误：${field} ${issue}`, {
    field,
    issue,
    location,
    value: typeof value === 'string' || typeof value === 'number' ? value : null,
  })

export const invalidRequest = (message: string): Refusal =>
  new Refusal(400, 'INVALID_REQUEST', message)
export const orderNotFound = (): Refusal => new Refusal(404, 'ORDER_NOT_EXIST', '订单不存在')
export const notFound = (message: string): Refusal =>
  new Refusal(404, 'RESOURCE_NOT_EXISTS', message)
export const tooFrequent = (message = '频率超限，请稍后再试'): Refusal =>
  new Refusal(429, 'FREQUENCY_LIMITED', message)
export const systemError = (): Refusal =>
  new Refusal(500, 'SYSTEM_ERROR', '系统异常，请使用相同参数稍后重新调用')
