import { X509Certificate } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { openOwn } from '../../src/tls/own.ts'
import { DAY_MS, inDays, MACHINE, make, testFolder } from './given.ts'

const isPosix = process.platform !== 'win32'

test('the certificate is for the names and addresses of the machine, and lasts 397 days', async () => {
  const made = await make(await testFolder())
  const server = new X509Certificate(made.server.certificatePem)
  expect(server.subjectAltName).toBe(
    'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:till-pc, DNS:till-pc.local, IP Address:192.168.1.5, IP Address:FD00:0:0:0:0:0:0:5',
  )
  expect(server.validToDate.getTime() - server.validFromDate.getTime()).toBe(397 * DAY_MS)
  expect(server.validFromDate.getTime()).toBeLessThan(Date.now())
  const authority = new X509Certificate(made.authorityPem)
  expect(authority.ca).toBe(true)
  expect(server.ca).toBe(false)
  expect(server.checkIssued(authority)).toBe(true)
  expect(server.verify(authority.publicKey)).toBe(true)
  const years = (authority.validToDate.getTime() - Date.now()) / (365 * DAY_MS)
  expect(Math.round(years)).toBe(10)
})

test.runIf(isPosix)(
  'keys are for their owner alone, and the folder around them is left open',
  async () => {
    const folder = await testFolder()
    await rm(dirname(folder), { recursive: true })
    await make(folder)
    const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
    expect(await mode(folder)).toBe('700')
    expect(await mode(join(folder, 'authority.pem'))).toBe('600')
    expect(await mode(join(folder, 'server.pem'))).toBe('600')
    expect(await mode(join(folder, 'ca.crt'))).toBe('644')
    // The embedded database lies beside it, and may belong to another user of the system.
    expect(((await stat(dirname(folder))).mode & 0o755).toString(8)).toBe('755')
    expect((await readdir(folder)).toSorted()).toEqual([
      'authority.pem',
      'ca.crt',
      'hosts.json',
      'server.pem',
    ])
  },
)

test('called again, the authority stays and the server gets a new key', async () => {
  const folder = await testFolder()
  const first = await make(folder)
  const second = await make(folder)
  expect(second.authorityPem).toBe(first.authorityPem)
  expect(second.server.keyPem).not.toBe(first.server.keyPem)
})

test('asked hosts are remembered until others are asked for', async () => {
  const folder = await testFolder()
  await make(folder, { hosts: ['till.shop.cn', '203.0.113.9'] })
  expect((await make(folder)).hosts).toEqual(
    expect.arrayContaining(['till.shop.cn', '203.0.113.9', '192.168.1.5']),
  )
  const { hosts } = await make(folder, { hosts: ['back.till.shop.cn'] })
  expect(hosts).toContain('back.till.shop.cn')
  expect(hosts).not.toContain('till.shop.cn')
})

test('a host that the authority was not made for takes a new authority', async () => {
  const folder = await testFolder()
  const { authorityPem } = await make(folder)
  await expect(make(folder, { hosts: ['pay.example.com', '10.1.2.3'] })).rejects.toThrow(
    /not made for pay\.example\.com; .*--new-authority/,
  )
  const made = await make(folder, { hosts: ['pay.example.com'], newAuthority: true })
  expect(made.hosts).toContain('pay.example.com')
  expect(made.authorityPem).not.toBe(authorityPem)
})

test('a machine with another name and a public address is certified for what the authority allows', async () => {
  const folder = await testFolder()
  await make(folder)
  const moved = { name: 'other-pc', addresses: ['192.168.7.7', '203.0.113.9'] }
  const made = await make(folder, {}, new Date(), moved)
  expect(made.hosts).toContain('192.168.7.7')
  expect(made.hosts).toContain('other-pc.local')
  expect(made.leftOut).toEqual(['other-pc', '203.0.113.9'])
})

test('two at once share the authority of the first', async () => {
  const folder = await testFolder()
  const made = await Promise.all(Array.from({ length: 4 }, () => make(folder)))
  expect(new Set(made.map(({ authorityPem }) => authorityPem)).size).toBe(1)
  expect(await openOwn(folder, MACHINE, new Date())).toMatchObject({ renewed: false, fault: null })
})

test('nothing made: no HTTPS', async () => {
  expect(await openOwn(await testFolder(), MACHINE, new Date())).toBeNull()
})

test.each([
  [0, false],
  [365, false],
  [367, true],
  [500, true],
])('opened after %i days, it is renewed: %s', async (days, renewed) => {
  const folder = await testFolder()
  const made = await make(folder)
  const opened = await openOwn(folder, MACHINE, inDays(days))
  expect(opened).toMatchObject({ renewed, fault: null, authorityPem: made.authorityPem })
  const server = new X509Certificate(opened!.server.certificatePem)
  expect(server.validToDate.getTime()).toBeGreaterThan(inDays(days + 30).getTime())
  expect(opened!.server.keyPem === made.server.keyPem).toBe(!renewed)
  // What was renewed is on disk.
  expect(await openOwn(folder, MACHINE, inDays(days))).toMatchObject({
    renewed: false,
    server: opened!.server,
  })
})

test('a new address in the shop gets a certificate that names it, and asked hosts stay', async () => {
  const folder = await testFolder()
  await make(folder, { hosts: ['till.shop.cn'] })
  const moved = { ...MACHINE, addresses: ['192.168.1.77'] }
  const opened = await openOwn(folder, moved, new Date())
  expect(opened).toMatchObject({ renewed: true, fault: null })
  const server = new X509Certificate(opened!.server.certificatePem)
  expect(server.checkIP('192.168.1.77')).toBe('192.168.1.77')
  expect(server.checkIP('192.168.1.5')).toBeUndefined()
  expect(server.checkHost('till.shop.cn')).toBe('till.shop.cn')
})

test('an address that the authority may not name does not renew again and again', async () => {
  const folder = await testFolder()
  await make(folder)
  const moved = { ...MACHINE, addresses: [...MACHINE.addresses, '203.0.113.9'] }
  expect(await openOwn(folder, moved, new Date())).toMatchObject({ renewed: false, fault: null })
})

test('near its own end the authority gives what it can, once', async () => {
  const folder = await testFolder()
  await make(folder)
  const late = inDays(3_640)
  const opened = await openOwn(folder, MACHINE, late)
  expect(opened).toMatchObject({ renewed: true, fault: null })
  const authority = new X509Certificate(opened!.authorityPem!)
  const server = new X509Certificate(opened!.server.certificatePem)
  expect(server.validTo).toBe(authority.validTo)
  expect(await openOwn(folder, MACHINE, late)).toMatchObject({ renewed: false, fault: null })
})

test('an authority that has ended makes nothing more, and what there is serves on', async () => {
  const folder = await testFolder()
  const made = await make(folder)
  const late = inDays(3_651)
  await expect(make(folder, {}, late)).rejects.toThrow(/^this authority ended on .*--new-authority/)
  expect(await openOwn(folder, MACHINE, late)).toMatchObject({
    renewed: false,
    server: made.server,
  })
  expect((await make(folder, { newAuthority: true }, late)).authorityPem).not.toBe(
    made.authorityPem,
  )
})

test('without the key of the authority the certificate serves on', async () => {
  const folder = await testFolder()
  const made = await make(folder)
  await rm(join(folder, 'authority.pem'))
  const opened = await openOwn(folder, MACHINE, inDays(390))
  expect(opened).toMatchObject({ renewed: false, fault: null, server: made.server })
  expect(opened!.authorityPem).toBe(made.authorityPem)
})

test('a damaged authority is told of, and the certificate serves on', async () => {
  const folder = await testFolder()
  const made = await make(folder)
  await writeFile(join(folder, 'authority.pem'), 'half a f')
  const opened = await openOwn(folder, MACHINE, new Date())
  expect(opened).toMatchObject({ renewed: false, server: made.server })
  expect(String(opened!.fault)).toMatch(
    /authority\.pem is damaged; move it away and run yuanlu cert/,
  )
})

test.each(['', 'half a f'])('a damaged certificate %j is named with the way out', async (text) => {
  const folder = await testFolder()
  await make(folder)
  await writeFile(join(folder, 'server.pem'), text)
  await expect(openOwn(folder, MACHINE, new Date())).rejects.toThrow(
    /server\.pem is damaged; move it away and run yuanlu cert/,
  )
})

test("a key that is not the certificate's is damage", async () => {
  const folder = await testFolder()
  const { server } = await make(folder)
  const other = await make(folder)
  await writeFile(join(folder, 'server.pem'), server.keyPem + other.server.certificatePem)
  await expect(openOwn(folder, MACHINE, new Date())).rejects.toThrow(/is damaged/)
})

test('a certificate of another authority is made anew', async () => {
  const folder = await testFolder()
  await make(folder)
  const kept = await readFile(join(folder, 'server.pem'))
  await make(folder, { newAuthority: true })
  await writeFile(join(folder, 'server.pem'), kept)
  expect(await openOwn(folder, MACHINE, new Date())).toMatchObject({ renewed: true, fault: null })
})

test('a folder that cannot be written is told of, and nothing is lost', async () => {
  const folder = await testFolder()
  const made = await make(folder)
  await rm(join(folder, 'hosts.json'))
  await mkdir(join(folder, 'hosts.json'))
  const opened = await openOwn(folder, MACHINE, inDays(390))
  expect(opened).toMatchObject({ renewed: false, server: made.server })
  expect(opened!.fault).toBeInstanceOf(Error)
})
