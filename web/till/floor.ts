/** The oldest browser that runs the till: the WebView that many shops' Android devices have. */
export const CHROME_FLOOR = 69
