/** First start: this device becomes one of the shop's terminals. */
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { ask } from '../../shared/api.ts'
import { MarkIcon } from '../../shared/icons.tsx'
import { useEnrolmentCode } from '../address.ts'
import { LanguageSwitch } from '../parts/language-switch.tsx'
import { Screen } from '../parts/screen.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { enrolled } from '../session.ts'

export function EnrolScreen() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const given = useEnrolmentCode()
  const [code, setCode] = useState(given)
  const enrol = useMutation({
    mutationFn: (text: string) =>
      ask<{ terminal: string; key: string }>({ terminal: null, staff: null }, '/enrol', {
        method: 'POST',
        body: { code: text.trim().toUpperCase() },
      }),
    onSuccess: ({ key }) => {
      enrolled(key)
      void navigate({ to: '/', replace: true })
    },
  })
  const { mutate } = enrol
  // Opened by a link or a square that carries the code: nothing is left to type.
  useEffect(() => {
    if (given !== '') mutate(given)
  }, [given, mutate])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    mutate(code)
  }
  return (
    <Screen title={t('app.name')} back={false} side={<LanguageSwitch />} help="enrol">
      <form className="card enrol" onSubmit={submit}>
        <div className="enrol-mark">
          <MarkIcon size={56} />
        </div>
        <h2>{t('enrol.title')}</h2>
        <p className="muted">{t('enrol.lead')}</p>
        <label className="label" htmlFor="code">
          {t('enrol.code')}
        </label>
        <input
          id="code"
          className="field number"
          value={code}
          placeholder={t('enrol.placeholder')}
          autoCapitalize="characters"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setCode(event.target.value)}
        />
        {enrol.isError && <Trouble error={enrol.error} />}
        <button className="act" type="submit" disabled={code.trim() === '' || enrol.isPending}>
          {enrol.isPending ? t('common.loading') : t('enrol.act')}
        </button>
        <p className="muted small">{t('enrol.where')}</p>
      </form>
    </Screen>
  )
}
