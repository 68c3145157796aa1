/** A newer version is ready: taken at once where nobody works, else when somebody says so. */
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { UnderWayIcon } from '../../shared/icons.tsx'
import { letNewVersionIn, useNewVersion } from '../offline/version.ts'

export function NewVersion() {
  const { t } = useTranslation()
  if (!useNewVersion()) return null
  return (
    <button className="strip strip-on-its-way" type="button" onClick={letNewVersionIn}>
      <UnderWayIcon />
      {t('version.ready')}
    </button>
  )
}

/** For screens that nobody is in the middle of. */
export function NewVersionAtOnce() {
  const isReady = useNewVersion()
  useEffect(() => {
    if (isReady) letNewVersionIn()
  }, [isReady])
  return null
}
