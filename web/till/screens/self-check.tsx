/** Is everything that a till depends on as it should be, and if not, what to do. Opens without signing in. */
import '../self-check/self-check.css'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { TFunction } from 'i18next'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { SelfCheckShown } from '../../../src/api/contract-till.ts'
import {
  DoneIcon,
  FaultIcon,
  NoteIcon,
  PersonNeededIcon,
  UnknownIcon,
} from '../../shared/icons.tsx'
import { exactly } from '../../shared/when.ts'
import type { PrinterStatus } from '../device/bridge.ts'
import {
  device,
  deviceFacts,
  hasPrinter,
  printerStatus,
  type DeviceFacts,
} from '../device/device.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Screen } from '../parts/screen.tsx'
import { useTill } from '../queries.ts'
import { keepAndDropNothing } from '../outbox.ts'
import { useCodes } from '../scan/codes.ts'
import {
  bridgeFinding,
  browserFinding,
  cameraFinding,
  fontFinding,
  offlineFinding,
  scanKeyFinding,
  secureFinding,
  serverFindings,
  soundFinding,
  storageFinding,
  type Asked,
  type Finding,
  type Level,
} from '../self-check/findings.ts'
import {
  allowCamera,
  camerasSeen,
  chromeVersion,
  hasChineseLetters,
  howSecure,
  storageWorks,
  worksOffline,
  type CameraFound,
} from '../self-check/probes.ts'
import { tell, useSession } from '../session.ts'
import { soundState, trySound } from '../voice/speak.ts'

/** Each channel is really called, so it takes as long as the slowest of them. */
const ASK_TIMEOUT_MS = 25_000

export function SelfCheckScreen() {
  const { t } = useTranslation()
  const check = useQuery({ queryKey: ['self-check'], queryFn: findOut, gcTime: 0, retry: false })
  const [camera, setCamera] = useState<CameraFound | null>(null)
  const [sound, setSound] = useState(soundState)
  const [code, setCode] = useState<string | null>(null)
  useCodes(setCode)
  const seen = check.data
  const findings = seen === undefined ? [] : allFindings(t, seen, { camera, sound, code })
  return (
    <Screen
      title={t('selfCheck.title')}
      help="selfCheck"
      foot={
        <button
          className="act"
          type="button"
          disabled={check.isFetching}
          onClick={() => {
            setCamera(null)
            void check.refetch()
          }}
        >
          {t(check.isFetching ? 'selfCheck.checking' : 'selfCheck.again')}
        </button>
      }
    >
      {seen === undefined ? (
        <p className="muted">{t('selfCheck.checking')}</p>
      ) : (
        <>
          <Summary findings={findings} />
          <ul className="card findings">
            {findings.map((finding) => (
              <Row key={finding.key} finding={finding}>
                <Act
                  finding={finding}
                  onCamera={() => void allowCamera().then(setCamera)}
                  onSound={() => void trySound().then(setSound)}
                />
              </Row>
            ))}
          </ul>
          <div className="form-gap">
            <Copy findings={findings} at={seen.at} />
          </div>
        </>
      )}
    </Screen>
  )
}

type Seen = {
  /** By this device's clock, whatever that says. */
  readonly at: Date
  readonly asked: Asked
  readonly beside: DeviceFacts | null
  readonly printer: PrinterStatus
  readonly camera: CameraFound
  readonly offline: Awaited<ReturnType<typeof worksOffline>>
  readonly storage: Awaited<ReturnType<typeof storageWorks>>
}

async function findOut(): Promise<Seen> {
  const [asked, beside, printer, camera, offline, storage] = await Promise.all([
    askServer(),
    device() === null ? null : deviceFacts(),
    printerStatus(),
    camerasSeen(),
    worksOffline(),
    storageWorks(keepAndDropNothing),
  ])
  return { at: new Date(), asked, beside, printer, camera, offline, storage }
}

async function askServer(): Promise<Asked> {
  const began = performance.now()
  try {
    const asking = { method: 'POST', body: {}, timeoutMs: ASK_TIMEOUT_MS } as const
    const answer = await tell<SelfCheckShown>('/self-check', asking)
    return { kind: 'answered', answer, at: Date.now(), tookMs: performance.now() - began }
  } catch (error) {
    return { kind: 'failed', error }
  }
}

/** The server first, then what takes money, then what this device is. */
function allFindings(
  t: TFunction,
  { asked, beside, printer, camera, offline, storage }: Seen,
  tried: {
    readonly camera: CameraFound | null
    readonly sound: ReturnType<typeof soundState>
    readonly code: string | null
  },
): readonly Finding[] {
  return [
    ...serverFindings(t, asked, hasPrinter()),
    scanKeyFinding(t, tried.code),
    cameraFinding(t, tried.camera ?? camera),
    soundFinding(t, tried.sound),
    storageFinding(t, storage),
    secureFinding(t, howSecure()),
    offlineFinding(t, offline),
    browserFinding(t, chromeVersion()),
    fontFinding(t, hasChineseLetters()),
    bridgeFinding(t, beside, printer),
  ]
}

const ICON: Readonly<Record<Level, typeof DoneIcon>> = {
  good: DoneIcon,
  limited: PersonNeededIcon,
  fault: FaultIcon,
  plain: NoteIcon,
  wait: UnknownIcon,
}

function Summary({ findings }: { findings: readonly Finding[] }) {
  const { t } = useTranslation()
  const count = (level: Level) => findings.filter((each) => each.level === level).length
  const [faults, limits] = [count('fault'), count('limited')]
  return (
    <output
      className={`strip strip-${faults > 0 ? 'needs-person' : limits > 0 ? 'not-known' : 'paid-back'}`}
    >
      {faults > 0 ? <FaultIcon /> : limits > 0 ? <PersonNeededIcon /> : <DoneIcon />}
      <span>
        {faults > 0 && (
          <span className="row-second">{t('selfCheck.faults', { count: faults })}</span>
        )}
        {limits > 0 && (
          <span className="row-second">{t('selfCheck.limits', { count: limits })}</span>
        )}
        {faults + limits === 0 && t('selfCheck.allGood')}
      </span>
    </output>
  )
}

function Row({ finding, children }: { finding: Finding; children: ReactNode }) {
  const { t } = useTranslation()
  const Icon = ICON[finding.level]
  return (
    <li className={`finding finding-${finding.level}`}>
      <Icon size={24} />
      <div>
        <p>
          <strong>{finding.name}</strong>
          <span className="small note finding-level">{t(`selfCheck.levels.${finding.level}`)}</span>
        </p>
        <p className="finding-says">{finding.says}</p>
        {children}
      </div>
    </li>
  )
}

/** What whoever reads a finding can do about it right here. */
function Act({
  finding: { key, level },
  onCamera,
  onSound,
}: {
  finding: Finding
  onCamera: () => void
  onSound: () => void
}) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  if (key === 'camera' && level === 'wait')
    return <Link onClick={onCamera} says={t('selfCheck.camera.act')} />
  if (key === 'sound' && level !== 'limited')
    return <Link onClick={onSound} says={t('selfCheck.sound.act')} />
  if (key === 'secure' && level === 'limited')
    return (
      <Link
        onClick={() => void navigate({ to: '/help/$topic', params: { topic: 'https' } })}
        says={t('selfCheck.secure.how')}
      />
    )
  return null
}

const Link = ({ says, onClick }: { says: string; onClick: () => void }) => (
  <button className="link" type="button" onClick={onClick}>
    {says}
  </button>
)

/** For whoever helps from afar: the findings and which device they are of. No secrets, no personal data. */
function Copy({ findings, at }: { findings: readonly Finding[]; at: Date }) {
  const { t } = useTranslation()
  const till = useTill(useSession().terminal)
  const where = till.data
    ? `${till.data.merchant.name} · ${till.data.store.name} · ${till.data.terminal.name}`
    : t('selfCheck.summary.offline')
  const facts = [
    [t('selfCheck.summary.where'), where],
    [t('selfCheck.summary.device'), navigator.userAgent],
    [t('selfCheck.summary.screen'), `${screen.width}×${screen.height} @${devicePixelRatio}`],
    [t('selfCheck.summary.address'), location.origin],
  ] as const
  const text = [
    `${t('selfCheck.summary.title')} ${exactly(at.toISOString())}`,
    ...facts.map(([name, value]) => `${name}: ${value}`),
    ...findings.map(
      ({ name, level, says }) => `[${t(`selfCheck.levels.${level}`)}] ${name}: ${says}`,
    ),
  ].join('\n')
  return <CopyButton text={text} label={t('selfCheck.copy')} second />
}
