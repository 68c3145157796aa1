/** Scanning with the device's camera. Comes, with its reader, only when somebody opens it. */
import './camera.css'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LightIcon } from '../../shared/icons.tsx'
import { shake } from '../voice/shake.ts'
import { openLens, type Lens, type LensRefusal } from './lens.ts'
import { openReader, type Picture, type Reader } from './reader.ts'
import { isNew, meantOf, type Seen } from './sight.ts'

/** Between two looks: often enough to feel at once, seldom enough for a warm, slow till. */
const BETWEEN_LOOKS_MS = 80
/** Of a picture; the narrowest bar of a long number is then still some pixels wide. */
const PICTURE_WIDTH_MAX = 1_280

export function Camera({
  paused,
  onCode,
  onRefused,
}: {
  /** While what was read is being looked up. */
  paused: boolean
  onCode: (code: string) => void
  /** It will show nothing more. */
  onRefused: (why: LensRefusal) => void
}) {
  const { t } = useTranslation()
  const video = useRef<HTMLVideoElement>(null)
  const [lens, setLens] = useState<Lens | null>(null)
  const isSeen = useIsSeen()
  const seen = useRef<Seen | null>(null)

  const notice = useEffectEvent((code: string | null) => {
    if (code === null) return
    const at = performance.now()
    const isFresh = isNew(seen.current, code, at)
    // One at a time: a new one has to wait, and the old one is still in sight however long its answer takes.
    if (isFresh && paused) return
    seen.current = { code, at }
    if (!isFresh) return
    shake('code')
    onCode(code)
  })
  /** @returns whether it can be done at all. */
  const look = useEffectEvent(async (reader: Reader): Promise<boolean> => {
    const picture = video.current && pictureOf(video.current)
    if (picture === null) return true
    const reading = await reader.read(picture)
    if (reading.kind === 'broken') return false
    notice(meantOf(reading.codes))
    return true
  })
  const refuse = useEffectEvent(onRefused)

  useEffect(() => {
    // Other programs may want it, and its battery is everybody's.
    if (!isSeen) return undefined
    let isOver = false
    let opened: Lens | null = null
    const reader = openReader()
    const end = (why: LensRefusal) => {
      if (!isOver) refuse(why)
    }
    const run = async () => {
      const got = await openLens(() => end('busy'))
      if (typeof got === 'string') return end(got)
      if (isOver) return got.close()
      opened = got
      setLens(got)
      while (!isOver && (await look(reader))) await pause(BETWEEN_LOOKS_MS)
      end('engine')
    }
    void run()
    return () => {
      isOver = true
      opened?.close()
      reader.close()
      setLens(null)
    }
  }, [isSeen])
  useEffect(() => {
    if (video.current) video.current.srcObject = lens?.stream ?? null
  }, [lens])

  return (
    <div className="camera">
      <video ref={video} muted autoPlay playsInline aria-label={t('camera.picture')} />
      <div className="camera-frame" aria-hidden="true" />
      <output className="camera-hint">
        {lens === null ? t('camera.opening') : t('camera.hint')}
      </output>
      {lens?.light && <Light turn={lens.light} />}
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
    <button className="camera-light" type="button" onClick={toggle}>
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
