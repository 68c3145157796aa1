/** Which screen stands at which address. Addresses live behind the `#`: the till is one page on any server. */
import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent as lazy,
  Navigate,
  type RouteComponent,
} from '@tanstack/react-router'
import { App } from './app.tsx'
import { readFilter } from './bills.ts'
import { EnrolScreen } from './screens/enrol.tsx'
import { HomeScreen } from './screens/home.tsx'
import { ScanScreen } from './screens/scan.tsx'

const root = createRootRoute({
  component: App,
  notFoundComponent: () => <Navigate to="/" replace />,
})

const at = <Path extends string>(path: Path, component: RouteComponent) =>
  createRoute({ getParentRoute: () => root, path, component })

const routeTree = root.addChildren([
  at('/', HomeScreen),
  at('/enrol', EnrolScreen),
  at('/enrol/$code', EnrolScreen),
  at('/scan', ScanScreen),
  at(
    '/sale/$no',
    lazy(() => import('./screens/sale.tsx'), 'SaleScreen'),
  ),
  at(
    '/amount',
    lazy(() => import('./screens/amount.tsx'), 'AmountScreen'),
  ),
  at(
    '/confirm',
    lazy(() => import('./screens/confirm.tsx'), 'ConfirmScreen'),
  ),
  at(
    '/refund/$no',
    lazy(() => import('./screens/result.tsx'), 'ResultScreen'),
  ),
  createRoute({
    getParentRoute: () => root,
    path: '/bills',
    component: lazy(() => import('./screens/bills.tsx'), 'BillsScreen'),
    validateSearch: readFilter,
  }),
  at(
    '/search',
    lazy(() => import('./screens/search.tsx'), 'SearchScreen'),
  ),
  at(
    '/more',
    lazy(() => import('./screens/more.tsx'), 'MoreScreen'),
  ),
  at(
    '/approval-code',
    lazy(() => import('./screens/approval-code.tsx'), 'ApprovalCodeScreen'),
  ),
  at(
    '/enrolment',
    lazy(() => import('./screens/enrolment.tsx'), 'EnrolmentScreen'),
  ),
  at(
    '/pin',
    lazy(() => import('./screens/pin.tsx'), 'PinScreen'),
  ),
  at(
    '/pay',
    lazy(() => import('./screens/pay.tsx'), 'PayScreen'),
  ),
  at(
    '/pay/code',
    lazy(() => import('./screens/pay-code.tsx'), 'PayCodeScreen'),
  ),
  at(
    '/pay/$no',
    lazy(() => import('./screens/pay-result.tsx'), 'PayResultScreen'),
  ),
  at(
    '/receipt/$no',
    lazy(() => import('./screens/slip.tsx'), 'ReceiptScreen'),
  ),
  at(
    '/display',
    lazy(() => import('./display/display.tsx'), 'DisplayScreen'),
  ),
  at(
    '/shift',
    lazy(() => import('./screens/shift.tsx'), 'ShiftScreen'),
  ),
  at(
    '/shift/close',
    lazy(() => import('./screens/shift-close.tsx'), 'ShiftCloseScreen'),
  ),
  at(
    '/shifts',
    lazy(() => import('./screens/shifts.tsx'), 'ShiftsScreen'),
  ),
  at(
    '/shift-slip/$no',
    lazy(() => import('./screens/shift-slip.tsx'), 'ShiftSlipScreen'),
  ),
  at(
    '/day',
    lazy(() => import('./screens/day.tsx'), 'DayScreen'),
  ),
  at(
    '/day-slip/$day/$nth',
    lazy(() => import('./screens/shift-slip.tsx'), 'DaySlipScreen'),
  ),
  at(
    '/help',
    lazy(() => import('./screens/help.tsx'), 'HelpScreen'),
  ),
  at(
    '/help/$topic',
    lazy(() => import('./screens/help.tsx'), 'HelpTopicScreen'),
  ),
  at(
    '/self-check',
    lazy(() => import('./screens/self-check.tsx'), 'SelfCheckScreen'),
  ),
  at(
    '/rules',
    lazy(() => import('./screens/channel-rules.tsx'), 'ChannelRulesScreen'),
  ),
  at(
    '/slip-check',
    lazy(() => import('./screens/slip-check.tsx'), 'SlipCheckScreen'),
  ),
  at(
    '/not-arrived',
    lazy(() => import('./screens/not-arrived.tsx'), 'NotArrivedScreen'),
  ),
  at(
    '/not-arrived/$no',
    lazy(() => import('./screens/not-arrived.tsx'), 'NotArrivedGuideScreen'),
  ),
  at(
    '/case/$no',
    lazy(() => import('./screens/case-summary.tsx'), 'CaseSummaryScreen'),
  ),
  at(
    '/slip/$no',
    lazy(() => import('./screens/slip.tsx'), 'SlipScreen'),
  ),
])

export const router = createRouter({ routeTree, history: createHashHistory() })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
