/** The browser's clock goes as far ahead as the shop's in tests: a till's own day is the shop's. */
import type { BrowserContext } from 'playwright-core'
import { OPENING_OFFSET_MS } from '../../test/support/core.ts'

/** Runs in the page, so it is written as old browsers read. */
export const SHOP_DAY = `(function (Real) {
  class ShopDate extends Real {
    constructor() {
      if (arguments.length) super(...arguments)
      else super(ShopDate.now())
    }
    static now() { return Real.now() + ${OPENING_OFFSET_MS} }
  }
  window.Date = ShopDate
})(Date)`

export const keepShopDay = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript(SHOP_DAY)
