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
