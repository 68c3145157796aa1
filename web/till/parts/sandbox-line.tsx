import { useTranslation } from 'react-i18next'

/** On every screen where money seems to move and none does. */
export function SandboxLine() {
  const { t } = useTranslation()
  return <p className="sandbox-line">{t('app.sandbox')}</p>
}
