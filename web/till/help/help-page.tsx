/** Help over a screen: its topic, and where everything else is. Loaded when first asked for. */
import { useNavigate, useRouter } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Screen } from '../parts/screen.tsx'
import { HelpTopic } from './help-topic.tsx'
import type { HelpTopic as Topic } from './topics.ts'

export function HelpPage({ topic }: { topic: Topic }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { history } = useRouter()
  return (
    <Screen
      title={t('help.of', { title: t(`help.topics.${topic}.title`) })}
      back={() => history.back()}
      foot={
        <button className="act" type="button" onClick={() => void navigate({ to: '/help' })}>
          {t('help.more')}
        </button>
      }
    >
      <HelpTopic topic={topic} />
    </Screen>
  )
}
