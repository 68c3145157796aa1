import { useTranslation } from 'react-i18next'
import { chooseLanguage, currentLanguage } from '../../shared/language.ts'

export function LanguageSwitch() {
  const { t } = useTranslation()
  const other = currentLanguage() === 'zh' ? 'en' : 'zh'
  return (
    <button
      className="bar-text"
      type="button"
      lang={other === 'zh' ? 'zh-CN' : 'en'}
      onClick={() => void chooseLanguage(other)}
    >
      {t('common.language')}
    </button>
  )
}
