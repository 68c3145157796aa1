// The customer's phone: shows what the sandbox knows of one customer and does what a customer does.
// It is served as it stands, without a build, so it is plain JavaScript and the types of a browser are not known here.
/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call,
   typescript/no-unsafe-member-access, typescript/no-unsafe-return, typescript/restrict-template-expressions */
import { TEXTS } from './texts.js'

const BASE = '/_sandbox/wallet'
const PEOPLE = `${BASE}/customers`
const POLL_MS = 1_000
/** A code is renewed a little before it ends, so that none ends under the scanner. */
const RENEW_EARLY_MS = 5_000
const ARRIVED_SHOWN_MS = 15_000
const DAY_MS = 86_400_000
const TOP_UP_FEN = 100_000
const COUPON_FEN = 500
const PASSWORD_ABOVE_FEN = 100_000

const at = (id) => document.getElementById(id)
const main = at('main')
const who = at('who')
const wanted = new URLSearchParams(location.search)

const languageNow = () => {
  const given = wanted.get('lang') ?? localStorage.getItem('wallet.language')
  if (given === 'zh' || given === 'en') return given
  return navigator.language.startsWith('zh') ? 'zh' : 'en'
}

const state = {
  language: languageNow(),
  customer: wanted.get('customer'),
  tab: wanted.get('tab') ?? 'code',
  /** Transaction number of the bill that is open. */
  bill: wanted.get('bill'),
  now: null,
  waiting: null,
  bills: [],
  codes: [],
  code: null,
  codeEnds: 0,
  /** Transaction number of the newest payment. */
  newest: null,
  /** The scanned order that waits for a yes. */
  order: null,
  message: null,
  /** How each refund stood when last seen; a refund that turns SUCCESS has arrived. */
  refunds: null,
  arrived: null,
  large: null,
  shown: '',
}
const say = () => TEXTS[state.language]

const escapeText = (text) =>
  String(text ?? '').replace(
    /[&<>"']/g,
    (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[one],
  )
const digitsOf = (fen) =>
  (fen / 100).toLocaleString('zh-CN', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const yuan = (fen) => `¥${digitsOf(fen)}`
const money = (fen, sign = '') =>
  `<span class="money">${sign}<small>¥</small>${digitsOf(fen)}</span>`
const amount = (fen, sign = '') =>
  `<div class="amount">${sign}<small>¥</small>${digitsOf(fen)}</div>`
const shortTime = (text) => (text ? `${text.slice(5, 10)} ${text.slice(11, 16)}` : '')
const fullTime = (text) => (text ?? '').slice(0, 19).replace('T', ' ')

const call = async (path, body) => {
  const given = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(path, { ...given, headers })
  const data = await response.json()
  if (!response.ok) throw new Error(data.message)
  return data
}
const mine = (path, body) => call(`${PEOPLE}/${state.customer}${path}`, body)

// Codes

/** Blank modules at each side, by which scanners find the ends; six are enough where the phone is narrow. */
const QUIET_MODULES = 6
/** Units of the sandbox's barcodes to one module, and their height in such units. */
const UNITS = 2
const BAR_UNITS_HIGH = 80
const pictures = new Map()

const pictureOf = async (kind, text) => {
  const key = `${kind} ${text}`
  if (!pictures.has(key)) {
    const response = await fetch(`${BASE}/code/${kind}?text=${encodeURIComponent(text)}`)
    const svg = await response.text()
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg).map(Number)
    const inner = svg.slice(svg.indexOf('>') + 1, svg.lastIndexOf('</svg>'))
    pictures.set(key, { width, height, inner })
  }
  return pictures.get(key)
}

const svgOf = (look, width, height, viewBox, inner, label) =>
  `<svg class="${look}" role="img" aria-label="${label}" width="${width}" height="${height}" viewBox="${viewBox}" preserveAspectRatio="none" shape-rendering="crispEdges">${inner}</svg>`

/** Px a module may be wide: whole device pixels wherever one fits, or the bars lose their proportions. */
const moduleWidth = (modules, px) => {
  const ratio = window.devicePixelRatio || 1
  const exact = Math.floor((px * ratio) / modules)
  return exact === 0 ? px / modules : exact / ratio
}

/** A barcode with its quiet zones, along at most `px`; scanners need the zones to find its ends. */
const barcode = async (text, px, high, turned = false) => {
  const { width, inner } = await pictureOf('bar', text)
  const units = width + 2 * QUIET_MODULES * UNITS
  const long = moduleWidth(units / UNITS, px) * (units / UNITS)
  const start = -QUIET_MODULES * UNITS
  return turned
    ? svgOf(
        'bar',
        high,
        long,
        `0 ${start} ${BAR_UNITS_HIGH} ${units}`,
        `<g transform="translate(${BAR_UNITS_HIGH} 0) rotate(90)">${inner}</g>`,
        say().barcode,
      )
    : svgOf('bar', long, high, `${start} 0 ${units} ${BAR_UNITS_HIGH}`, inner, say().barcode)
}

const qrcode = async (text, px) => {
  const { width, height, inner } = await pictureOf('qr', text)
  return svgOf('qr', px, px, `0 0 ${width} ${height}`, inner, say().qrcode)
}

/** Beside the paper of the payment code, and beside a band of the page. */
const PAPER_MARGIN_PX = 42
const widthWithin = (margin) => document.body.clientWidth - margin

const grouped = (digits) => digits.replace(/(\d{4})(?=\d)/g, '$1 ')

const codeLinks = (text) => `<div class="links">
  <button class="link" data-act="enlarge" data-text="${escapeText(text)}">${say().large}</button>
  ${navigator.clipboard === undefined ? '' : `<button class="link" data-act="copy" data-text="${escapeText(text)}">${say().copy}</button>`}</div>`

const LARGE_MARGIN_PX = 16
const LARGE_BAR_PX = 160
/** Height of the row of buttons below. */
const CHOICE_PX = 80
const LARGE_TEXT_PX = 60

const drawLarge = async () => {
  const dialog = at('large')
  const { text, kind } = state.large
  const high = window.innerHeight - CHOICE_PX - 2 * LARGE_MARGIN_PX
  const wide = window.innerWidth - 2 * LARGE_MARGIN_PX
  const turned = kind === 'bar' && high > wide
  dialog.classList.toggle('turned', turned)
  at('large-code').innerHTML =
    kind === 'bar'
      ? await barcode(text, Math.max(high, wide), LARGE_BAR_PX, turned)
      : await qrcode(text, Math.min(wide, high - LARGE_TEXT_PX))
  at('large-text').textContent = /^\d+$/.test(text) ? grouped(text) : text
  for (const button of dialog.querySelectorAll('[data-large]')) {
    const name = button.dataset.large
    button.textContent = { bar: say().barcode, qr: say().qrcode, close: say().close }[name]
    if (name !== 'close') button.setAttribute('aria-pressed', String(name === kind))
  }
  if (!dialog.open) dialog.showModal()
}

// Views

const ICONS = {
  done: 'M5 13l4.5 4.5L19 7',
  way: 'M12 7v5l3.5 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0',
  alarm: 'M12 8v5M12 16.5v.01M12 3.5L2.5 20h19z',
  ended: 'M6 12h12',
}
const tag = (look, icon, word) =>
  `<span class="tag ${look}"><svg viewBox="0 0 24 24"><path d="${ICONS[icon]}"/></svg>${escapeText(word)}</span>`

const row = (name, value) => `<div class="row"><span>${name}</span><span>${value}</span></div>`
const longRow = (name, value) =>
  `<div class="long"><span>${name}</span><span class="no">${escapeText(value)}</span></div>`
const notice = () =>
  state.message === null
    ? ''
    : `<div class="message ${state.message.bad ? 'bad' : ''}" role="status">${escapeText(state.message.text)}</div>`

const toMerchant = (refund) => refund.account.startsWith('商户')
const standing = (refund) =>
  refund.status === 'SUCCESS' && toMerchant(refund) ? 'MERCHANT' : refund.status
const REFUND_LOOKS = {
  PROCESSING: ['way', 'way'],
  SUCCESS: ['back', 'done'],
  ABNORMAL: ['alarm', 'alarm'],
  CLOSED: ['ended', 'ended'],
  MERCHANT: ['alarm', 'alarm'],
}
const refundTag = (refund) => tag(...REFUND_LOOKS[standing(refund)], say().states[standing(refund)])
const meaningOf = (refund) => {
  const { means } = say()
  if (refund.status !== 'PROCESSING') return means[standing(refund)] ?? ''
  return refund.account.startsWith('支付用户零钱') ? means.balance : means.card
}

const billTag = (bill) => {
  if (bill.state === 'REVOKED') return tag('back', 'done', say().reversed)
  const open = bill.refunds.find((one) => !['SUCCESS', 'CLOSED'].includes(standing(one)))
  if (open !== undefined) return refundTag(open)
  const back = bill.refunds
    .filter((one) => standing(one) === 'SUCCESS')
    .reduce((sum, one) => sum + one.amount, 0)
  return back > 0 ? tag('back', 'done', say().refunded(yuan(back))) : ''
}

const confirmView = (order, act, leave) => `${notice()}
  <form class="card center" data-act="${act}">
    <div class="muted">${escapeText(order.merchant)}</div>
    ${amount(order.total)}
    <div class="muted gap">${escapeText(order.description)}</div>
    <label class="muted" for="password">${say().password}</label>
    <input class="field password" id="password" type="password" inputmode="numeric" maxlength="6" autocomplete="off" required>
    <button class="go">${say().confirm(yuan(order.total))}</button>
    <button class="go quiet" type="button" data-act="${leave.act}">${leave.word}</button>
  </form>`

const payWithText = ({ payWith, card }) =>
  payWith === 'balance' ? say().balance : escapeText(say().cardName(card))

const codeView = async (customer) => `${notice()}
  <section class="card pay">
    <h2>${say().payCode}<span id="left"></span></h2>
    <div class="paper">
      <button class="code" data-act="enlarge" data-text="${state.code}" aria-label="${say().large}">${await barcode(state.code, widthWithin(PAPER_MARGIN_PX), 84)}</button>
      <p class="digits">${grouped(state.code)}</p>
      ${await qrcode(state.code, 176)}
      ${codeLinks(state.code)}
    </div>
  </section>
  <section class="card">
    ${row(say().payWith, payWithText(customer))}
    ${row(say().balance, money(customer.balance))}
  </section>`

const waitingCode = (order, place) => `<button class="bill" data-code="${place}">
  <span class="what"><b>${escapeText(order.merchant)}</b><span class="muted">${escapeText(order.description)}</span></span>
  ${money(order.total)}</button>`

const scanView = () => {
  if (state.order !== null)
    return confirmView(state.order, 'pay', { act: 'back', word: say().back })
  const codes =
    state.codes.length === 0
      ? `<p class="muted">${say().noWaitingCodes}</p>`
      : `<p class="muted">${say().waitingCodesNote}</p>${state.codes.map(waitingCode).join('')}`
  return `${notice()}
    <section class="card"><h3>${say().waitingCodes}</h3>${codes}</section>
    <form class="card" data-act="look">
      <label for="url">${say().pasteLink}</label>
      <input class="field" id="url" placeholder="weixin://wxpay/bizpayurl?pr=…" autocomplete="off" required>
      <button class="go quiet">${say().next}</button>
      <p class="muted note">${say().pasteNote}</p>
    </form>`
}

const billItem = (bill) => ({
  at: bill.paidAt,
  html: `<button class="bill" data-bill="${bill.transactionId}">
    <span class="what"><b>${escapeText(bill.merchant)}</b><span class="muted">${shortTime(bill.paidAt)}</span>${billTag(bill)}</span>
    ${money(bill.paid, '−')}</button>`,
})
const refundItem = (bill, refund) => ({
  at: refund.endedAt,
  html: `<button class="bill" data-bill="${bill.transactionId}">
    <span class="what"><b>${escapeText(say().refundOf(bill.merchant))}</b><span class="muted">${shortTime(refund.endedAt)}</span></span>
    <span class="money in">+<small>¥</small>${digitsOf(refund.amount)}</span></button>`,
})

const billsView = () => {
  if (state.bills.length === 0) {
    return `${notice()}<section class="card center"><p class="muted">${say().noBills}</p></section>`
  }
  const items = state.bills
    .flatMap((bill) => [
      billItem(bill),
      ...bill.refunds
        .filter((one) => standing(one) === 'SUCCESS')
        .map((one) => refundItem(bill, one)),
    ])
    .toSorted((a, b) => (a.at < b.at ? 1 : -1))
  return `${notice()}<section class="card list">${items.map((one) => one.html).join('')}</section>`
}

const refundCard = (refund) => `<section class="card"><h3>${refundTag(refund)}</h3>
  <p class="means">${escapeText(meaningOf(refund))}</p>
  ${row(say().refundAmount, money(refund.amount))}
  ${row(say().refundTo, escapeText(say().account(refund.account)))}
  ${row(say().askedAt, fullTime(refund.createdAt))}
  ${standing(refund) === 'SUCCESS' ? row(say().arrivedAt, fullTime(refund.endedAt)) : ''}
  ${refund.reason === '' ? '' : row(say().reason, escapeText(refund.reason))}
  ${longRow(say().refundNo, refund.refundId)}</section>`

const billView = async (bill) => `<section class="card center">
    <div>${escapeText(bill.merchant)}</div>${amount(bill.paid, '−')}${billTag(bill)}</section>
  <section class="card band"><h3>${say().billNo}</h3>
    <p class="muted note">${say().billNoNote}</p>
    <div class="number">
      <button class="code" data-act="enlarge" data-text="${escapeText(bill.outTradeNo)}" aria-label="${say().large}">${await barcode(bill.outTradeNo, widthWithin(0), 84)}</button>
      <p class="digits">${escapeText(bill.outTradeNo)}</p></div>
    ${codeLinks(bill.outTradeNo)}</section>
  ${bill.refunds.toReversed().map(refundCard).join('')}
  <section class="card">
    ${row(say().goods, escapeText(bill.description))}
    ${bill.paid === bill.total ? '' : row(say().discount, money(bill.total - bill.paid))}
    ${row(say().paidAt, fullTime(bill.paidAt))}
    ${row(say().paidBy, escapeText(say().account(bill.account)))}
    ${longRow(say().channelNo, bill.transactionId)}
  </section>
  <button class="go quiet" data-act="bills">${say().toBills}</button>`

const passwordRule = (above) =>
  above === null ? say().never : above === 0 ? say().always : say().above(yuan(above))

const meView = (customer) => `${notice()}
  <section class="card center"><div class="muted">${say().balance}</div>${amount(customer.balance)}</section>
  <section class="card">
    ${row(say().card, escapeText(say().cardName(customer.card)))}
    ${row(say().payWith, customer.payWith === 'balance' ? say().balance : say().card)}
    ${row(say().passwordRow, '123456')}
    ${row(say().passwordWhen, passwordRule(customer.passwordAbove))}
    ${row(say().coupons, customer.coupons.length === 0 ? say().none : customer.coupons.map((one) => yuan(one.amount)).join(' '))}
  </section>
  <button class="go quiet" data-act="topUp">${say().topUp(yuan(TOP_UP_FEN))}</button>
  <button class="go quiet" data-act="payWith">${customer.payWith === 'balance' ? say().useCard : say().useBalance}</button>
  <button class="go quiet" data-act="coupon">${say().takeCoupon(yuan(COUPON_FEN))}</button>
  <button class="go quiet" data-act="always">${customer.passwordAbove === 0 ? say().askAbove(yuan(PASSWORD_ABOVE_FEN)) : say().askAlways}</button>
  <button class="go quiet" data-act="person">${say().newCustomer}</button>
  <section class="card apart"><p class="muted">${say().dayLaterNote}</p>
    <button class="go quiet" data-act="dayLater">${say().dayLater}</button></section>`

// Drawing

const show = (html) => {
  if (html === state.shown) return
  state.shown = html
  main.innerHTML = html
}

const freshCode = async () => {
  const { code, expiresInMs } = await mine('/code', {})
  state.code = code
  state.codeEnds = Date.now() + Math.max(RENEW_EARLY_MS, expiresInMs - RENEW_EARLY_MS)
}

/** A refund that was on its way when last looked at and has reached the customer since. */
const watchRefunds = (refunds) => {
  const before = state.refunds
  state.refunds = new Map(refunds.map((one) => [one.refundId, standing(one)]))
  if (before === null) return
  const fresh = refunds.find(
    (one) => standing(one) === 'SUCCESS' && before.get(one.refundId) !== 'SUCCESS',
  )
  if (fresh !== undefined) state.arrived = { ...fresh, until: Date.now() + ARRIVED_SHOWN_MS }
}

/** The till has used the code up: a fresh one is shown, and what was paid. */
const watchCode = ({ codeOpen, newest }) => {
  const isNew = state.newest !== null && newest !== null && newest.transactionId !== state.newest
  state.newest = newest?.transactionId ?? ''
  if (state.code !== null && !codeOpen) state.codeEnds = 0
  if (isNew && state.tab === 'code') tell(say().paidTo(yuan(newest.paid), newest.merchant))
}

const drawArrived = () => {
  const { arrived } = state
  if (arrived !== null && Date.now() > arrived.until) state.arrived = null
  const html =
    state.arrived === null
      ? ''
      : `<div class="arrived"><div class="what"><b>${say().arrived(yuan(arrived.amount))}</b>
        <span>${escapeText(say().arrivedTo(arrived.merchant, say().account(arrived.account)))}</span></div>
        <button class="link" data-bill="${arrived.transactionId}">${say().look}</button></div>`
  if (at('arrived').innerHTML !== html) at('arrived').innerHTML = html
}

const frame = () => {
  document.documentElement.lang = state.language === 'zh' ? 'zh-CN' : 'en'
  at('title').textContent =
    state.bill !== null && state.tab === 'bills' ? say().billTitle : say().tabs[state.tab]
  at('language').textContent = say().language
  who.setAttribute('aria-label', say().who)
  for (const button of document.querySelectorAll('nav button')) {
    button.querySelector('span').textContent = say().tabs[button.dataset.tab]
    if (button.dataset.tab === state.tab) button.setAttribute('aria-current', 'page')
    else button.removeAttribute('aria-current')
  }
}

const views = {
  code: async (customer) => {
    if (Date.now() >= state.codeEnds) await freshCode()
    show(await codeView(customer))
    const left = Math.max(0, Math.ceil((state.codeEnds - Date.now()) / 1000))
    at('left').textContent = say().renewsIn(left)
  },
  scan: async () => {
    if (state.order === null) state.codes = await call(`${BASE}/codes`)
    const typed = at('url')?.value ?? ''
    const typing = document.activeElement?.id === 'url'
    show(scanView())
    // Codes come and go while somebody types.
    if (at('url')) at('url').value = typed
    if (typing) at('url')?.focus()
  },
  bills: async () => {
    state.bills = await mine('/bills')
    const bill = state.bills.find((one) => one.transactionId === state.bill)
    show(bill === undefined ? billsView() : await billView(bill))
  },
  me: (customer) => show(meView(customer)),
}

const draw = async () => {
  const customer = await mine(state.code === null ? '' : `?code=${state.code}`)
  watchRefunds(customer.refunds)
  watchCode(customer)
  state.now = customer
  state.waiting = customer.waiting[0] ?? null
  frame()
  drawArrived()
  if (state.waiting !== null) {
    const leave = { act: 'cancel', word: say().cancelPayment }
    return show(confirmView(state.waiting, 'password', leave))
  }
  return views[state.tab](customer)
}

/** One drawing at a time: two at once could show an older answer over a newer one. */
let drawing = Promise.resolve()
const redraw = () => {
  drawing = drawing.then(draw).catch(() => {
    show(`<div class="message bad" role="status">${say().unreachable}</div>`)
  })
  return drawing
}

// Acts

const tell = (text, bad = false) => {
  state.message = { text, bad }
}
const settle = (answer) => {
  if (answer.kind === 'refused') return tell(say().refusals[answer.reason], true)
  tell(say().paid(yuan(answer.bill.paid)))
  Object.assign(state, { order: null, tab: 'bills', bill: null })
}
const password = () => at('password').value
const waitingRef = () => {
  const { mchid, subMchid, outTradeNo } = state.waiting
  return { mchid, subMchid, outTradeNo }
}
const open = (order) => Object.assign(state, { order, message: null })

const acts = {
  password: async () => settle(await mine('/password', { ...waitingRef(), password: password() })),
  cancel: async () => {
    await mine('/password', { ...waitingRef(), cancel: true })
    tell(say().cancelled, true)
  },
  look: async () => {
    const codeUrl = at('url').value.trim()
    const found = await mine('/look', { codeUrl })
    if (found.kind === 'unknown') return tell(say().refusals.unknown_code, true)
    open({ ...found.bill, codeUrl })
  },
  pay: async () =>
    settle(await mine('/pay', { codeUrl: state.order.codeUrl, password: password() })),
  back: () => open(null),
  bills: () => {
    state.bill = null
  },
  enlarge: ({ text }) => {
    state.large = { text, kind: 'bar' }
    return drawLarge()
  },
  copy: async ({ text }, button) => {
    await navigator.clipboard.writeText(text)
    button.textContent = say().copied
  },
  topUp: () => mine('', { balance: state.now.balance + TOP_UP_FEN }),
  payWith: () => mine('', { payWith: state.now.payWith === 'balance' ? 'card' : 'balance' }),
  coupon: () => {
    const coupon = { amount: COUPON_FEN, type: 'COUPON', name: say().couponName }
    return mine('', { coupons: [...state.now.coupons, coupon] })
  },
  always: () => mine('', { passwordAbove: state.now.passwordAbove === 0 ? PASSWORD_ABOVE_FEN : 0 }),
  person: async () => {
    const made = await call(PEOPLE, {})
    change(made.id)
    await loadPeople()
  },
  dayLater: async () => {
    const { businessTime } = await call('/_sandbox/clock', { advanceMs: DAY_MS })
    tell(say().movedOn(fullTime(businessTime)))
  },
}

const act = async (name, given = {}, button = null) => {
  try {
    await acts[name](given, button)
  } catch (error) {
    tell(error.message || say().unreachable, true)
  }
  await redraw()
}

const change = (customer) =>
  Object.assign(state, {
    customer,
    codeEnds: 0,
    bill: null,
    order: null,
    message: null,
    code: null,
    newest: null,
    refunds: null,
    arrived: null,
  })

const loadPeople = async () => {
  let people = await call(PEOPLE)
  if (people.length === 0) people = [await call(PEOPLE, { name: say().firstCustomer })]
  if (!people.some((one) => one.id === state.customer)) state.customer = people[0].id
  who.innerHTML = people
    .map((one) => `<option value="${one.id}">${escapeText(one.name)}</option>`)
    .join('')
  who.value = state.customer
}

document.addEventListener('submit', (event) => {
  event.preventDefault()
  void act(event.target.dataset.act)
})

const go = (changes) => {
  Object.assign(state, { message: null, ...changes })
  void redraw()
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button')
  if (!button) return
  const { tab, bill, code, large } = button.dataset
  if (tab) go({ tab, bill: null, order: null })
  else if (bill) go({ tab: 'bills', bill, arrived: null })
  else if (code) go({ order: state.codes[Number(code)] })
  else if (large === 'close') at('large').close()
  else if (large) {
    state.large.kind = large
    void drawLarge()
  } else if (button.id === 'language') {
    state.language = state.language === 'zh' ? 'en' : 'zh'
    localStorage.setItem('wallet.language', state.language)
    go({})
  } else if (button.dataset.act) void act(button.dataset.act, button.dataset, button)
})

who.addEventListener('change', () => {
  change(who.value)
  void redraw()
})
window.addEventListener('resize', () => {
  if (at('large').open) void drawLarge()
})

const start = async () => {
  await loadPeople()
  await redraw()
  setInterval(() => void redraw(), POLL_MS)
}
void start()
