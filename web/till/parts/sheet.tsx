/** A question about one act, over the screen it is about. */
import { Popup } from 'antd-mobile'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

export function Sheet({
  title,
  act,
  disabled = false,
  onAct,
  onClose,
  children,
}: {
  title: string
  /** On the button: it names the act. */
  act: string
  disabled?: boolean
  onAct: () => void
  onClose: () => void
  children: ReactNode
}) {
  const { t } = useTranslation()
  return (
    <Popup
      visible
      onMaskClick={onClose}
      bodyClassName="second"
      position="bottom"
      closeOnSwipe={false}
    >
      <section aria-label={title}>
        <h2>{title}</h2>
        {children}
        <button className="act" type="button" disabled={disabled} onClick={onAct}>
          {act}
        </button>
        <button className="act act-plain" type="button" onClick={onClose}>
          {t('common.cancel')}
        </button>
      </section>
    </Popup>
  )
}
