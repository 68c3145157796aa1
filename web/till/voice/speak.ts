/**
 * Says what happened. The WebViews of tills have no speech synthesis, so recorded pieces are put together; one file a
 * language is fetched when the first thing is said. Sound is a help and never a condition: where it cannot be made, the
 * screen says the same.
 */
import type { Language } from '../../../src/texts/language.ts'
import { currentLanguage } from '../../shared/language.ts'
import enTable from './en.json'
import enUrl from './en.mp3?url'
import { piecesOf, type Sentence } from './words.ts'
import zhTable from './zh.json'
import zhUrl from './zh.mp3?url'

type Table = Readonly<Record<string, readonly number[]>>
const VOICES: Readonly<Record<Language, { readonly url: string; readonly table: Table }>> = {
  zh: { url: zhUrl, table: zhTable },
  en: { url: enUrl, table: enTable },
}

/** Between pieces of one sentence, in seconds. */
const REST_S = 0.02
/** Between the sentence and its amount. */
const REST_AFTER_SENTENCE_S = 0.18

let context: AudioContext | null = null
const loaded = new Map<Language, Promise<AudioBuffer>>()

/** Browsers let a page sound only after a touch: the first one opens the way. */
export function readySound(): void {
  context ??= new AudioContext()
  if (context.state === 'suspended') void context.resume().catch(() => undefined)
  void load(currentLanguage()).catch(() => undefined)
}

function load(language: Language): Promise<AudioBuffer> {
  const known = loaded.get(language)
  if (known) return known
  const coming = fetch(VOICES[language].url)
    .then((response) => response.arrayBuffer())
    .then((bytes) => {
      if (!context) throw new Error('no sound yet')
      return context.decodeAudioData(bytes)
    })
  loaded.set(language, coming)
  // Fetched again the next time, when the network may be back.
  coming.catch(() => loaded.delete(language))
  return coming
}

let speaking: AudioBufferSourceNode[] = []

/** @param fen said behind sentences that end with how much. What is being said stops: the newest counts. */
export async function speak(sentence: Sentence, fen: number): Promise<void> {
  const language = currentLanguage()
  const { table } = VOICES[language]
  const buffer = await load(language)
  if (!context) return
  for (const source of speaking) source.stop()
  speaking = []
  let at = context.currentTime + REST_S
  for (const piece of piecesOf(language, sentence, fen)) {
    const [startMs = 0, lengthMs = 0] = table[piece] ?? []
    const source = context.createBufferSource()
    source.buffer = buffer
    source.connect(context.destination)
    source.start(at, startMs / 1_000, lengthMs / 1_000)
    speaking.push(source)
    at += lengthMs / 1_000 + (piece === sentence ? REST_AFTER_SENTENCE_S : REST_S)
  }
}

/** `blocked` until the page was touched. */
export type SoundState = 'good' | 'blocked' | 'none'

export function soundState(): SoundState {
  if (typeof AudioContext !== 'function') return 'none'
  return context?.state === 'running' ? 'good' : 'blocked'
}

const TONE_HZ = 880
const TONE_S = 0.3
const QUIET = 0.2

/** Lets a short tone be heard; to be called in answer to a touch. */
export async function trySound(): Promise<SoundState> {
  if (soundState() === 'none') return 'none'
  readySound()
  if (!context) return 'none'
  await context.resume().catch(() => undefined)
  const tone = context.createOscillator()
  const volume = context.createGain()
  tone.frequency.value = TONE_HZ
  volume.gain.value = QUIET
  tone.connect(volume)
  volume.connect(context.destination)
  tone.start()
  tone.stop(context.currentTime + TONE_S)
  return soundState()
}
