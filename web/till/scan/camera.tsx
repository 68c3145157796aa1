/** Scanning with the device's camera. Comes, with its reader, only when somebody opens it. */
import './camera.css'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LightIcon, PersonNeededIcon } from '../../shared/icons.tsx'
import { openLens, type Lens, type LensRefusal } from './lens.ts'
import { openReader, type Picture, type Reader } from './reader.ts'
import { isNew, meantOf, type Seen } from './sight.ts'

/** Between two looks: often enough to feel at once, seldom enough for a warm, slow till. */
const BETWEEN_LOOKS_MS = 80
/** Of a picture; the narrowest bar of a long number is then still some pixels wide. */
const PICTURE_WIDTH_MAX = 1_280
const BUZZ_MS = 60

type State = { readonly kind: 'opening' } | { readonly kind: 'open'; readonly lens: Lens } | Refused
type Refused = { readonly kind: 'refused'; readonly why: LensRefusal }

export function Camera({
  paused,
  onCode,
}: {
  /** While what was read is being looked up. */
  paused: boolean
  onCode: (code: string) => void
}) {
  const { t } = useTranslation()
  const video = useRef<HTMLVideoElement>(null)
  const [tries, setTries] = useState(0)
  const [state, setState] = useState<State>({ kind: 'opening' })
  const isSeen = useIsSeen()
  const seen = useRef<Seen | null>(null)

  const notice = useEffectEvent((code: string | null) => {
    // What was under way when the last code came is about the same code, or about none.
    if (code === null || paused) return
    const at = performance.now()
    const isFresh = isNew(seen.current, code, at)
    seen.current = { code, at }
    if (!isFresh) return
    buzz()
    onCode(code)
  })
  const look = useEffectEvent(async (reader: Reader): Promise<Refused | null> => {
    const picture = paused || video.current === null ? null : pictureOf(video.current)
    if (picture === null) return null
    const reading = await reader.read(picture)
    if (reading.kind === 'broken') return { kind: 'refused', why: 'engine' }
    notice(meantOf(reading.codes))
    return null
  })

  useEffect(() => {
    // Other programs may want it, and its battery is everybody's.
    if (!isSeen) return undefined
    let isOver = false
    let closeLens = () => undefined as void
    const reader = openReader()
    const show = (next: State) => {
      if (!isOver) setState(next)
    }
    const run = async () => {
      show({ kind: 'opening' })
      const lens = await openLens(() => show({ kind: 'refused', why: 'busy' }))
      if (typeof lens === 'string') return show({ kind: 'refused', why: lens })
      if (isOver) return lens.close()
      closeLens = lens.close
      show({ kind: 'open', lens })
      let refused: Refused | null = null
      while (!isOver && refused === null) {
        await pause(BETWEEN_LOOKS_MS)
        if (!isOver) refused = await look(reader)
      }
      if (refused === null) return
      lens.close()
      show(refused)
    }
    void run()
    return () => {
      isOver = true
      closeLens()
      reader.close()
    }
  }, [isSeen, tries])
  useEffect(() => {
    if (state.kind === 'open' && video.current) video.current.srcObject = state.lens.stream
  }, [state])

  if (state.kind === 'refused') {
    return (
      <div className="strip strip-needs-person" role="alert">
        <PersonNeededIcon />
        <div>
          <strong>{t(`camera.refused.${state.why}`)}</strong>
          <div>{t(`camera.whatToDo.${state.why}`)}</div>
          <button className="link" type="button" onClick={() => setTries(tries + 1)}>
            {t('camera.again')}
          </button>
        </div>
      </div>
    )
  }
  return (
    <div className="camera">
      <video ref={video} muted autoPlay playsInline aria-label={t('camera.picture')} />
      <div className="camera-frame" aria-hidden="true" />
      <output className="camera-hint">
        {state.kind === 'opening' ? t('camera.opening') : t('camera.hint')}
      </output>
      {state.kind === 'open' && state.lens.light && <Light turn={state.lens.light} />}
    </div>
  )
}

function Light({ turn }: { turn: (on: boolean) => Promise<void> }) {
  const { t } = useTranslation()
  const [isOn, setIsOn] = useState(false)
  const toggle = () => {
    // Some phones promise a light and refuse it when warm: then it stays as it was.
    turn(!isOn).then(
      () => setIsOn(!isOn),
      () => undefined,
    )
  }
  return (
    <button className="camera-light" type="button" aria-pressed={isOn} onClick={toggle}>
      <LightIcon />
      {t(isOn ? 'camera.lightOff' : 'camera.lightOn')}
    </button>
  )
}

const readIsSeen = () => document.visibilityState === 'visible'

function useIsSeen(): boolean {
  const [isSeen, setIsSeen] = useState(readIsSeen)
  useEffect(() => {
    const onChange = () => setIsSeen(readIsSeen())
    document.addEventListener('visibilitychange', onChange)
    return () => document.removeEventListener('visibilitychange', onChange)
  }, [])
  return isSeen
}

const canvas = document.createElement('canvas')

/** What stands in the viewfinder and no more: the picture covers it and is cut at its edges. Null: no picture yet. */
function pictureOf(video: HTMLVideoElement): Picture | null {
  const { videoWidth, videoHeight, clientWidth, clientHeight } = video
  if (videoWidth === 0 || clientWidth === 0) return null
  const scale = Math.max(clientWidth / videoWidth, clientHeight / videoHeight)
  const seenWidth = clientWidth / scale
  const seenHeight = clientHeight / scale
  const width = Math.round(Math.min(seenWidth, PICTURE_WIDTH_MAX))
  const height = Math.round((seenHeight * width) / seenWidth)
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) return null
  const [left, top] = [(videoWidth - seenWidth) / 2, (videoHeight - seenHeight) / 2]
  context.drawImage(video, left, top, seenWidth, seenHeight, 0, 0, width, height)
  return { data: context.getImageData(0, 0, width, height).data.buffer, width, height }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Not every device can, and none may before it was touched. */
function buzz(): void {
  if ('vibrate' in navigator) navigator.vibrate(BUZZ_MS)
}
