/** The language people read: Chinese, or English when chosen. Kept on the device. */
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { Language } from '../../src/texts/language.ts'

const KEPT_AS = 'yuanlu.language'

const keptLanguage = (): Language => (localStorage.getItem(KEPT_AS) === 'en' ? 'en' : 'zh')

export async function startLanguage(texts: { readonly zh: object; readonly en: object }) {
  await i18next.use(initReactI18next).init({
    lng: keptLanguage(),
    resources: { zh: { translation: texts.zh }, en: { translation: texts.en } },
    interpolation: { escapeValue: false },
    returnNull: false,
  })
  document.documentElement.lang = htmlLanguage()
}

export const currentLanguage = (): Language => (i18next.language === 'en' ? 'en' : 'zh')

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEPT_AS, language)
  await i18next.changeLanguage(language)
  document.documentElement.lang = htmlLanguage()
}

const htmlLanguage = (): string => (currentLanguage() === 'en' ? 'en' : 'zh-CN')
