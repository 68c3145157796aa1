/** The camera as a second way to read codes, on whichever screen wants one. */
import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PersonNeededIcon } from '../../shared/icons.tsx'
import type { LensRefusal } from './lens.ts'

/** What it sees, or why it sees nothing. */
export function CameraView({
  camera,
  paused,
  onCode,
}: {
  camera: ReturnType<typeof useCamera>
  /** While what was read is being looked up. */
  paused: boolean
  onCode: (code: string) => void
}) {
  const { t } = useTranslation()
  return (
    <>
      {camera.isOpen && camera.View === undefined && (
        <output className="strip strip-on-its-way">{t('camera.loading')}</output>
      )}
      {camera.isOpen && camera.View && (
        <camera.View paused={paused} onCode={onCode} onRefused={camera.refuse} />
      )}
      {camera.refusal !== null && <CameraRefused why={camera.refusal} />}
    </>
  )
}

function CameraRefused({ why }: { why: LensRefusal }) {
  const { t } = useTranslation()
  return (
    <div className="strip strip-needs-person" role="alert">
      <PersonNeededIcon />
      <div>
        <strong>{t(`camera.refused.${why}`)}</strong>
        <div>{t(`camera.whatToDo.${why}`)}</div>
      </div>
    </div>
  )
}

const LEFT_OPEN = 'yuanlu.camera'

/** Loaded when first opened; where it was left open it opens by itself next time, which saves a tap at each refund. */
export function useCamera() {
  const [isOpen, setIsOpen] = useState(() => localStorage.getItem(LEFT_OPEN) !== null)
  const [refusal, setRefusal] = useState<LensRefusal | null>(null)
  const close = () => {
    localStorage.removeItem(LEFT_OPEN)
    setIsOpen(false)
  }
  const refuse = (why: LensRefusal) => {
    close()
    setRefusal(why)
  }
  const { mutate: load, data } = useMutation({
    mutationFn: () => import('./camera.tsx'),
    onError: () => refuse('engine'),
  })
  useEffect(() => {
    if (isOpen) load()
  }, [isOpen, load])
  return {
    isOpen,
    refusal,
    View: data?.Camera,
    open: () => {
      localStorage.setItem(LEFT_OPEN, 'yes')
      setRefusal(null)
      setIsOpen(true)
    },
    close,
    refuse,
  }
}
