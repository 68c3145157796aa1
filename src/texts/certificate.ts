/** What `yuanlu cert` says: what was made, and how a device comes to trust it. docs/https.md says more. */

export type CertificateFacts = {
  readonly folder: string
  readonly until: Date
  readonly authorityUntil: Date
  /** SHA-256 of the authority's certificate. */
  readonly fingerprint: string
  /** `192.168.1.5:8080`, for other devices. */
  readonly origins: readonly string[]
  /** Names and addresses of this machine that the authority may not vouch for. */
  readonly leftOut: readonly string[]
  /** The server would listen to this machine only. */
  readonly listensToItself: boolean
}

/** Both languages at once: a command has no reader's language. */
export const certificateText = (facts: CertificateFacts): string => `${zh(facts)}\n${en(facts)}`

const day = (date: Date): string => date.toISOString().slice(0, 10)

const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line}\n`).join('')

function zh(facts: CertificateFacts): string {
  const [origin = '<IP>:8080'] = facts.origins
  return `证书已生成，在 ${facts.folder}；服务器证书到 ${day(facts.until)}（运行中自动续期），本店证书机构到 ${day(facts.authorityUntil)}。

  1. 启动或重启：${facts.listensToItself ? 'HOST=0.0.0.0 npm start（现在只监听本机）' : 'npm start'}
  2. 在每台设备的浏览器里打开 http://${origin}/ca.crt，下载后安装为“CA 证书”：
    安卓     设置 › 安全 › 加密与凭据 › 安装证书 › CA 证书（要先设锁屏密码；各厂商菜单不同）
    Windows  双击 › 安装证书 › 本地计算机 › 受信任的根证书颁发机构
    iOS      设置 › 已下载描述文件 › 安装；再到 通用 › 关于本机 › 证书信任设置 打开开关
     安装时核对指纹 SHA-256：
     ${facts.fingerprint}
  3. 打开收银台：
${indented(facts.origins.map((each) => `https://${each}/`))}${facts.leftOut.length === 0 ? '' : `  未包含（本店证书机构创建时还没有它们）：${facts.leftOut.join('，')}\n  要包含它们：yuanlu cert --new-authority，之后每台设备要重新安装。\n`}
  ${facts.folder}/authority.pem 是机构的私钥，请勿外传。详见 docs/https.zh-CN.md
`
}

function en(facts: CertificateFacts): string {
  const [origin = '<IP>:8080'] = facts.origins
  return `The certificate is made, in ${facts.folder}. The server's lasts until ${day(facts.until)} (renewed while it runs), the shop's own
authority until ${day(facts.authorityUntil)}.

  1. Start, or start again: ${facts.listensToItself ? 'HOST=0.0.0.0 npm start (now it listens to this machine only)' : 'npm start'}
  2. On every device open http://${origin}/ca.crt in the browser and install it as a CA certificate:
    Android  Settings › Security › Encryption & credentials › Install a certificate › CA certificate
             (needs a screen lock; menus differ by maker)
    Windows  double-click › Install Certificate › Local Machine › Trusted Root Certification Authorities
    iOS      Settings › Profile Downloaded › Install; then General › About › Certificate Trust Settings
     Compare the SHA-256 fingerprint:
     ${facts.fingerprint}
  3. Open the till:
${indented(facts.origins.map((each) => `https://${each}/`))}${facts.leftOut.length === 0 ? '' : `  Left out (this authority was made before them): ${facts.leftOut.join(', ')}\n  To have them: yuanlu cert --new-authority; every device then has to install it anew.\n`}
  ${facts.folder}/authority.pem holds the authority's key: give it to nobody. More in docs/https.md
`
}
