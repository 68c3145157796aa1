/** One topic: its steps with pictures, and what is good to know. */
import './help.css'
import { useTranslation } from 'react-i18next'
import { BillPictures } from '../parts/bill-pictures.tsx'
import { PICTURES } from './steps.ts'
import type { HelpTopic as Topic } from './topics.ts'

export function HelpTopic({ topic }: { topic: Topic }) {
  const { t } = useTranslation()
  const steps: readonly string[] = t(`help.topics.${topic}.steps`, { returnObjects: true })
  const notes: readonly string[] = t(`help.topics.${topic}.notes`, { returnObjects: true })
  return (
    <>
      <section className="card">
        <h2>{t('help.steps')}</h2>
        <ol className="help-steps">
          {steps.map((step, place) => {
            const Picture = PICTURES[topic][place]
            return (
              <li key={step}>
                {Picture && <Picture />}
                <p>
                  <strong className="help-place number">{place + 1}</strong>
                  {step}
                </p>
              </li>
            )
          })}
        </ol>
      </section>
      {topic === 'scan' && <BillPictures />}
      <section className="card">
        <h2>{t('help.good')}</h2>
        <ul className="help-notes">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
        {topic === 'https' && (
          <a className="link" href="/ca.crt" download="ca.crt">
            {t('help.certificate')}
          </a>
        )}
      </section>
    </>
  )
}
