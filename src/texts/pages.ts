/** What the server says in place of the till's app; nobody's language is known yet. */
export const PAGES_MISSING = `收银台页面还没有构建。请在程序目录运行：

    npm run build

然后刷新本页，不需要重启。退款和接口不受影响。

The till's pages are not built yet. In the program's folder, run:

    npm run build

and reload this page; no restart is needed. Refunds and the API are not affected.
`
